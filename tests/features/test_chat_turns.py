"""A provider allows only so much: who has to wait is told, takes turns, and may stop."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import transaction
from django.utils import timezone

from conversations.ids import uuid7
from conversations.models import Allowance, Boot, Place, Provider, ProviderCall
from conversations.usage import line
from conversations.usage.line import Asker, Pass
from conversations.usage.minute import Limits
from tests.features.limits_kit import entered, until
from tests.features.provider_kit import told_in_words
from tests.harness.database import Ground
from tests.harness.people import Asked, Person
from tests.stub_provider import Model, Stub, fails, pause, says

MANY = "Many are asking this model at the moment."

Limited = Callable[..., str]


@pytest.fixture
def limited(ada: Person, ground: Ground, stub: Stub) -> Iterator[Limited]:
    """A provider with limits, entered while the server runs; the id of its model."""
    rows: list[Provider] = []

    def enter(**limits: int) -> str:
        rows.append(entered(ada, ground, stub, **limits))
        return rows[-1].name

    yield enter
    for provider in rows:
        ground.run(provider.delete)


@pytest.fixture
def other_process(ground: Ground) -> Iterator[UUID]:
    """It gives signs of life for as long as the test lasts."""
    boot = Boot(host="elsewhere", pid=1, beat_at=timezone.now() + timedelta(hours=1))
    ground.save(boot)
    yield boot.pk
    ground.run(boot.delete)


def elsewhere(ground: Ground, boot: UUID, name: str, limits: Limits) -> Any:
    """A question in another process."""
    asker = Asker(name, limits, uuid7(), boot, 0, answer_limit=100, longest_seconds=900)
    return ground.run(lambda: transaction.atomic(line.step_up)(asker))


def told(asked: Asked) -> dict[str, Any]:
    frame = asked.socket.until("run.waiting", run=asked.run)
    assert (frame["reason"], frame["attempt"]) == (MANY, 1)
    return dict(frame)


def no_places(ground: Ground, name: str) -> None:
    until(lambda: not ground.rows(Place, provider=name))


def test_the_third_of_two_a_minute_waits_is_told_and_can_be_stopped(
    ada: Person, limited: Limited, model: Model, ground: Ground
) -> None:
    name = limited(requests_per_minute=2)
    for _ in range(2):
        assert ada.ask(model.will_say("x"), options={"model": name}).status == "complete"
    script = model.will_say("never")
    third = ada.start(script, options={"model": name})
    assert 1 < told(third)["retry_in"] <= 61
    third.stop()
    assert third.finish().status == "stopped"
    assert not script.requests and not ground.rows(ProviderCall, run=third.run)
    no_places(ground, name)


def test_however_many_come_at_once_no_more_are_asked_than_is_allowed(
    ada: Person, limited: Limited, model: Model
) -> None:
    name = limited(requests_per_minute=3)
    scripts = [model.will_say("x") for _ in range(6)]
    asked = [ada.start(script, options={"model": name}) for script in scripts]
    waiting = [one for one in asked if not _is_asked(one)]
    assert len(waiting) == 3
    for one in waiting:
        one.stop()
    assert sum(len(script.requests) for script in scripts) == 3


def _is_asked(asked: Asked) -> bool:
    """Or has to wait: either is said."""
    until(lambda: asked.socket.lives() and _said_of(asked))
    return "run.delta" in _said_of(asked)


def _said_of(asked: Asked) -> set[str]:
    of_it = [frame for frame in asked.socket.frames if frame.get("run") == asked.run]
    return {frame["type"] for frame in of_it} & {"run.delta", "run.waiting"}


def test_a_call_at_a_time_and_the_next_one_when_it_ends(
    ada: Person, ben: Person, limited: Limited, model: Model, ground: Ground
) -> None:
    name = limited(concurrent_calls=1)
    first = model.will_say("one ", pause, "two")
    asked = ada.start(first, options={"model": name})
    first.wait_until_paused()
    second = model.will_say("three")
    late = ben.start(second, options={"model": name})
    assert told(late)["retry_in"] > 0
    assert not second.requests
    first.resume()
    assert asked.finish().text == "one two"
    assert late.finish().text == "three"
    assert late.stored()["status"] == "complete"
    no_places(ground, name)


def test_what_other_processes_ask_counts(
    ada: Person, limited: Limited, model: Model, ground: Ground, other_process: UUID
) -> None:
    name = limited(concurrent_calls=1)
    leave = elsewhere(ground, other_process, name, Limits(calls=1))
    assert isinstance(leave, Pass)
    asked = ada.start(model.will_say("at last"), options={"model": name})
    told(asked)
    assert not isinstance(elsewhere(ground, other_process, name, Limits(calls=1)), Pass)
    ground.run(lambda: transaction.atomic(line.come_out)(leave, used=None))
    assert asked.finish().text == "at last"


def test_who_would_wait_for_too_long_is_told_at_once(
    ada: Person, limited: Limited, model: Model, ground: Ground, other_process: UUID
) -> None:
    name = limited(requests_per_minute=1)
    for _ in range(3):
        elsewhere(ground, other_process, name, Limits(requests=1))
    script = model.will_say("never")
    asked = ada.ask(script, options={"model": name})
    assert (asked.status, asked.error) == ("failed", "provider_rate_limited")
    told_in_words(asked)
    sentence = asked.stored()["error"]["message"]
    assert sentence.startswith(f"{MANY} Try again in ")
    assert not script.requests and not ground.rows(ProviderCall, run=asked.run)


def test_a_provider_that_says_429_all_the_same_is_to_be_left_alone(
    ada: Person, limited: Limited, model: Model, ground: Ground
) -> None:
    name = limited(requests_per_minute=100)
    script = model.will_answer(fails(429, retry_after="1"), says("after all"))
    asked = ada.ask(script, options={"model": name})
    assert asked.text == "after all"
    assert ground.row(Allowance, provider=name).paused_until
    assert [call.outcome for call in ground.rows(ProviderCall, run=asked.run)] == [
        "provider_rate_limited",
        "ok",
    ]
    no_places(ground, name)


def test_where_nothing_is_limited_others_wait_with_whoever_was_told_to(
    ada: Person, ben: Person, limited: Limited, model: Model
) -> None:
    name = limited()
    told = model.will_answer(fails(429, retry_after="25"), says("never"))
    first = ada.start(told, options={"model": name})
    first.socket.until("run.waiting")
    script = model.will_say("never")
    second = ben.start(script, options={"model": name})
    waiting = second.socket.until("run.waiting")
    assert 15 < waiting["retry_in"] <= 25 and waiting["reason"] == MANY
    assert not script.requests, "nobody asks meanwhile"
    for asked in (first, second):
        asked.socket.call("run.stop", run=asked.run)
        assert asked.finish().status == "stopped"
    other = limited()
    assert ben.ask(model.will_say("fine"), options={"model": other}).text == "fine"


def test_what_a_call_took_is_put_right(
    ada: Person, limited: Limited, model: Model, ground: Ground
) -> None:
    name = limited(tokens_per_minute=10_000)
    asked = ada.ask(model.will_say("x"), options={"model": name})
    call = ground.row(ProviderCall, run=asked.run)
    took = (call.input_tokens or 0) + (call.output_tokens or 0)
    assert took
    until(lambda: ground.row(Allowance, provider=name).spent[0][2] == took)
