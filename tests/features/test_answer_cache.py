"""The very same first question at temperature 0: answered once, given again within the same groups."""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from conversations.models import CachedAnswer, Message, ProviderCall
from conversations.provider import interface
from conversations.provider.interface import Request
from conversations.runs import answer_cache
from conversations.runs.outcome import Outcome
from tests.contracts.port import MODEL, PATIENT
from tests.harness.database import Ground
from tests.harness.people import Asked, People, Person
from tests.harness.pictures import png
from tests.stub_provider import Model, Script, pause

EXACT = {"temperature": 0}


@pytest.fixture(autouse=True)
def _forgotten(ground: Ground) -> Iterator[None]:
    yield
    ground.run(CachedAnswer.objects.all().delete)


@pytest.fixture
def told(ada: Person, model: Model) -> tuple[Script, Asked]:
    """A question that Ada has asked, and its answer."""
    script = model.will_say("It is ", "four.", asked="What is two and two?")
    return script, ada.ask(script, options=EXACT)


def test_another_person_gets_the_same_answer_and_nobody_pays(
    told: tuple[Script, Asked], ben: Person, ground: Ground
) -> None:
    script, first = told
    asked = ben.ask(script, options=EXACT)
    assert len(script.requests) == 1 and asked.text == first.text == "It is four."
    mine, theirs = asked.stored(), first.stored()
    assert asked.finished["message"]["cached"] and mine["text"] == "It is four."
    assert (mine["cached"], mine["cost"], mine["status"]) == (True, "0.000000", "complete")
    assert (theirs["cached"], theirs["usage"]) == (False, mine["usage"])
    call = ground.row(ProviderCall, run=asked.run)
    assert (call.outcome, call.cost_micros, call.input_tokens) == ("cached", 0, 0)
    assert (call.model, call.user_id) == (mine["model"], ben.user and ben.user.pk)
    assert ground.row(ProviderCall, run=first.run).outcome == "ok"


def test_what_nobody_counted_is_not_made_up(
    told: tuple[Script, Asked], ben: Person, ground: Ground
) -> None:
    first = Message.objects.filter(pk=told[1].answer_id)
    ground.run(lambda: first.update(input_tokens=None, output_tokens=None))
    mine = ben.ask(told[0], options=EXACT).stored()
    assert (mine["cached"], mine["usage"], mine["cost"]) == (True, None, "0.000000")


def test_it_can_be_talked_about(told: tuple[Script, Asked], ben: Person, model: Model) -> None:
    asked = ben.ask(told[0], options=EXACT)
    more = model.will_say("Sure.")
    ben.ask(more, conversation=asked.conversation, options=EXACT)
    assert [text for _, text in more.request.said()][-3:-1] == [told[0].question, "It is four."]


def test_it_is_never_given_across_groups(told: tuple[Script, Asked], people: People) -> None:
    other = people.new("rita", groups=("Reviewers",))
    assert not other.ask(told[0], options=EXACT).stored()["cached"]
    assert len(told[0].requests) == 2
    colleague = people.new("rob", groups=("Reviewers",))
    assert colleague.ask(told[0], options=EXACT).stored()["cached"]


DIFFERENT: dict[str, dict[str, Any]] = {
    "warmer": {"options": {"temperature": 0.1}},
    "temperature not said": {"options": {}},
    "another limit": {"options": {**EXACT, "max_output_tokens": 50}},
    "another model": {"options": {**EXACT, "model": "gpt-4o"}},
    "other instructions": {"options": EXACT, "start": {"system_prompt": "Be brief."}},
    "temporary": {"options": EXACT, "temporary": True},
}


@pytest.mark.parametrize("fields", DIFFERENT.values(), ids=DIFFERENT)
def test_what_is_not_the_same_is_asked(
    told: tuple[Script, Asked], ben: Person, fields: dict[str, Any]
) -> None:
    assert not ben.ask(told[0], **fields).stored()["cached"]
    assert len(told[0].requests) == 2


def test_pictures_files_and_later_questions_are_asked(
    told: tuple[Script, Asked], ben: Person, model: Model
) -> None:
    script = told[0]
    later = ben.ask(model.will_say("Hello."))
    file = {"file": ("a.txt", b"four", "text/plain")}
    items = ben.api("POST", "files", files=file, expect=201)["items"]
    for fields in (
        {"images": [ben.upload(png(40, 30))["id"]]},
        {"files": [items[0]["id"]]},
        {"conversation": later.conversation},
    ):
        for _twice in range(2):
            asked = ben.ask(script, options=EXACT, **fields)
            assert not asked.stored()["cached"], fields


def test_another_try_asks_the_model(told: tuple[Script, Asked]) -> None:
    script, asked = told
    ack = asked.socket.call("message.regenerate", message=asked.answer_id, options=EXACT)
    again = Asked(asked.person, asked.socket, ack).finish()
    assert not again.stored()["cached"] and len(script.requests) == 2


def test_an_answer_that_was_cut_is_not_kept(ada: Person, ben: Person, model: Model) -> None:
    long = model.will_say("Once upon", finish="length")
    stopped = model.will_say("one ", pause, "two")
    ada.ask(long, options=EXACT)
    asked = ada.start(stopped, options=EXACT)
    asked.socket.wait_for_text(asked.run, 4)
    asked.stop()
    stopped.resume()
    for script in (long, stopped):
        assert not ben.ask(script, options=EXACT).stored()["cached"]


def test_it_goes_with_its_conversation_and_with_time(
    told: tuple[Script, Asked],
    ada: Person,
    ben: Person,
    cleo: Person,
    ground: Ground,
    settings: Any,
) -> None:
    script, first = told
    ada.api("DELETE", f"conversations/{first.conversation}", expect=204)
    assert not ben.ask(script, options=EXACT).stored()["cached"]
    assert cleo.ask(script, options=EXACT).stored()["cached"], "Ben's took its place"

    def age() -> None:
        for row in CachedAnswer.objects.all():
            row.created_at -= timedelta(days=2)
            row.save()

    ground.run(age)
    assert not ada.ask(script, options=EXACT).stored()["cached"]
    settings.ANSWER_CACHE = 600
    ground.run(answer_cache.forget_old)
    assert len(ground.rows(CachedAnswer)) == 1
    ground.run(age)
    ground.run(answer_cache.forget_old)
    assert not ground.rows(CachedAnswer)


MOVED: dict[str, Callable[[interface.Model], interface.Model]] = {
    "renamed at its server": lambda model: replace(model, sent_as="other"),
    "another provider": lambda model: replace(model, provider="other"),
    "another address": lambda model: replace(model, endpoint=replace(PATIENT, base_url="http://b")),
    "another deployment": lambda model: replace(model, endpoint=replace(PATIENT, kind="azure")),
}


@pytest.mark.parametrize("moved", MOVED.values(), ids=MOVED)
def test_a_model_that_is_elsewhere_by_now_is_asked(
    moved: Callable[[interface.Model], interface.Model],
) -> None:
    model = replace(MODEL, endpoint=replace(PATIENT, base_url="http://a"))
    keys = {
        answer_cache._hash(Request(one, [{"role": "user", "content": "x"}]), [])
        for one in (model, replace(model), moved(model))
    }
    assert len(keys) == 2


def test_turned_off_it_costs_nothing(
    settings: Any, db: None, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    settings.ANSWER_CACHE = 0
    asked = Request(MODEL, [{"role": "user", "content": "x"}], {"temperature": 0})
    with django_assert_num_queries(0):
        live: Any = None  # nobody looks at it
        assert not asyncio.run(answer_cache.answered(live, asked, Outcome()))
        answer_cache.keep(live, Outcome())
