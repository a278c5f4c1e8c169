"""What a run ends with when its question cannot even be read; the rest is tested through the doors."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.utils import timezone

from conversations.db import DATABASE_AWAY
from conversations.errors import (
    ContentFiltered,
    ModelUnavailable,
    ProviderProblem,
    ProviderUnavailable,
    Refusal,
    Unavailable,
)
from conversations.ids import uuid7
from conversations.provider import catalogue
from conversations.provider.interface import Model, Piece, Report, Request, Take
from conversations.runs import admission, circuit, conductor, policy, prompt, stand_in
from conversations.runs.circuit import Trouble
from conversations.runs.outcome import Outcome
from conversations.runs.prompts import asking, prompt_named
from conversations.runs.recorder import LiveRun
from conversations.runs.start import Ticket
from conversations.usage.budgets import Payer
from conversations.usage.ledger import Call
from conversations.usage.standing import Most

NO_SUCH = "The model “x” is not available."


def outcome_when(monkeypatch: pytest.MonkeyPatch, *troubles: Refusal) -> Outcome:
    """How a run ends whose question is read with these troubles, the last for ever."""
    left = list(troubles)

    async def request_for(ticket: Ticket) -> Request:
        raise left.pop(0) if len(left) > 1 else left[0]

    async def run() -> Outcome:
        outcome = Outcome()
        ticket = Ticket(uuid7(), uuid7(), uuid7(), uuid7(), "x", reserved=Most())
        await conductor.answer(LiveRun(ticket), outcome)
        return outcome

    monkeypatch.setattr(prompt, "request_for", request_for)
    monkeypatch.setattr(conductor, "DATABASE_AGAIN_SECONDS", 0.01)
    return asyncio.run(asyncio.wait_for(run(), 10))


def test_a_database_that_stays_away_is_told_with_a_code_of_the_protocol(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(conductor, "DATABASE_SECONDS", 0.1)
    outcome = outcome_when(monkeypatch, Unavailable(DATABASE_AWAY))
    assert outcome.status == "failed" and outcome.calls == []
    assert outcome.problem is not None
    assert (outcome.problem.code, str(outcome.problem)) == ("internal", str(DATABASE_AWAY))


def test_a_database_that_comes_back_is_waited_for_and_a_model_may_be_gone_by_then(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    away = Unavailable(DATABASE_AWAY)
    outcome = outcome_when(monkeypatch, away, away, ModelUnavailable(NO_SUCH))
    assert outcome.status == "failed"
    assert outcome.problem is not None
    assert (outcome.problem.code, str(outcome.problem)) == ("model_unavailable", NO_SUCH)


class Endless:
    """A provider that never stops."""

    async def stream(self, request: Request, report: Report, take: Take) -> None:
        while True:
            take(Piece(text="and on "))
            await asyncio.sleep(0)

    async def close(self) -> None: ...


def test_an_answer_that_does_not_end_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    async def request_for(ticket: Ticket) -> Request:
        return Request(Model("m", "m", "openai", 1000, 100), [])

    async def run() -> tuple[Outcome, LiveRun]:
        outcome = Outcome()
        live = LiveRun(Ticket(uuid7(), uuid7(), uuid7(), uuid7(), "m", reserved=Most()))
        await conductor.answer(live, outcome)
        return outcome, live

    monkeypatch.setattr(prompt, "request_for", request_for)
    monkeypatch.setattr(conductor, "provider_of", lambda model: Endless())
    monkeypatch.setattr(conductor, "MOST_CHARACTERS", 1000)
    outcome, live = asyncio.run(asyncio.wait_for(run(), 10))
    assert outcome.status == "interrupted" and 1000 < live.length < 1010
    assert "longer than this site keeps" in str(outcome.problem)


class Stubborn(Endless):
    """A provider that has a last word for whoever hangs up."""

    def __init__(self) -> None:
        self.began = asyncio.Event()

    async def stream(self, request: Request, report: Report, take: Take) -> None:
        take(Piece(text="one "))
        self.began.set()
        try:
            await asyncio.sleep(60)
        finally:
            take(Piece(text="two"))


def test_nothing_is_added_once_the_end_was_decided(monkeypatch: pytest.MonkeyPatch) -> None:
    async def request_for(ticket: Ticket) -> Request:
        return Request(Model("m", "m", "openai", 1000, 100), [])

    async def run() -> LiveRun:
        live = LiveRun(Ticket(uuid7(), uuid7(), uuid7(), uuid7(), "m", reserved=Most()))
        answering = asyncio.create_task(conductor.answer(live, Outcome()))
        await provider.began.wait()
        live.muted = True  # as a stop does, before anything is awaited
        answering.cancel()
        await asyncio.wait([answering])
        return live

    monkeypatch.setattr(prompt, "request_for", request_for)
    provider = Stubborn()
    monkeypatch.setattr(conductor, "provider_of", lambda model: provider)
    live = asyncio.run(asyncio.wait_for(run(), 10))
    assert live.text.text == "one "


OURS = Model("m", "m", "ours", 1000, 100)


def left_until(seconds: float) -> dict[str, Trouble]:
    return {"ours": Trouble(timezone.now() + timedelta(seconds=seconds))}


class Story:
    """A question that waits for its turn, during which its provider is left alone; what happens then."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, meanwhile: dict[str, Trouble]) -> None:
        self.order: list[str] = []
        self.meanwhile, self.patch = meanwhile, monkeypatch
        monkeypatch.setattr(prompt, "request_for", self.request_for)
        monkeypatch.setattr(admission, "turn_for", self.turn_for)
        monkeypatch.setattr(circuit, "in_db", self.in_db)
        monkeypatch.setattr(conductor, "provider_of", self.provider_of)

    async def request_for(self, ticket: Ticket) -> Request:
        return Request(OURS, [])

    async def turn_for(self, *_: object) -> admission.Turn:
        self.order.append("turn")
        self.patch.setattr(circuit, "_known", self.meanwhile)
        return admission.Turn(OURS)

    def in_db(self, work: Callable[..., Any]) -> Callable[..., Any]:
        async def done(*_: object) -> object:
            self.order.append(work.__name__)
            return timezone.now()

        return done

    def provider_of(self, model: Model) -> Endless:
        self.order.append("call")
        raise ContentFiltered

    def outcome(self) -> Outcome:
        outcome = Outcome()
        ticket = Ticket(uuid7(), uuid7(), uuid7(), uuid7(), "m", reserved=Most())
        asyncio.run(asyncio.wait_for(conductor.answer(LiveRun(ticket), outcome), 10))
        return outcome


def test_who_waited_for_their_turn_does_not_ask_whom_everybody_leaves_alone_by_now(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    story = Story(monkeypatch, left_until(60))
    outcome = story.outcome()
    assert isinstance(outcome.problem, circuit.LeftAlone) and outcome.problem.retry_after == 60
    assert (story.order, outcome.calls) == (["turn"], [])


def test_whoever_tries_has_waited_for_their_turn_before(monkeypatch: pytest.MonkeyPatch) -> None:
    """The others leave it alone for no longer than that one call may take."""
    story = Story(monkeypatch, left_until(-1))
    story.outcome()
    assert story.order[:3] == ["turn", "_claim", "call"]


def test_nobody_waits_for_their_turn_with_whom_everybody_leaves_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    story = Story(monkeypatch, {})
    monkeypatch.setattr(circuit, "_known", left_until(60))
    assert isinstance(story.outcome().problem, circuit.LeftAlone) and not story.order


@pytest.mark.parametrize("seconds", [60, -1], ids=["resting", "to be tried"])
def test_what_is_no_question_is_not_asked_of_whom_everybody_leaves_alone(
    monkeypatch: pytest.MonkeyPatch, seconds: int
) -> None:
    monkeypatch.setattr(circuit, "_known", left_until(seconds))
    monkeypatch.setattr(asking, "provider_of", lambda _: pytest.fail("it is asked"))
    calls: list[Call] = []
    asked = asking.ask(
        prompt_named("summary"), OURS, {}, calls, within=1, payer=Payer(None, "summary", OURS.id)
    )
    with pytest.raises(circuit.LeftAlone):
        asyncio.run(asked)
    assert not calls


def test_who_stands_in_is_looked_up_where_the_catalogue_may_be_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Right after a change this process knows none: it is read anew, which nobody does on an event loop."""

    def model_named(id: str) -> Model | None:
        with pytest.raises(RuntimeError):
            asyncio.get_running_loop()
        raise Unavailable(DATABASE_AWAY)

    def in_a_thread(work: Callable[..., Any]) -> Callable[..., Any]:
        return partial(asyncio.to_thread, work)

    monkeypatch.setattr(catalogue, "model_named", model_named)
    monkeypatch.setattr(stand_in, "in_db", in_a_thread)
    ticket = Ticket(uuid7(), uuid7(), uuid7(), uuid7(), "m", reserved=Most())
    found = stand_in.request_for(ticket, replace(OURS, fall_back="other"))
    assert asyncio.run(found) is None, "the one that was asked is told, not that Postgres is away"


def test_every_sentence_about_a_provider_says_what_is_and_what_to_do() -> None:
    kinds: list[type[ProviderProblem]] = [ProviderProblem, *ProviderProblem.__subclasses__()]
    for kind in kinds:
        assert str(kind()) == f"{kind.reason} {kind.advice}"
        assert kind.reason.endswith(".") and kind.advice.endswith(".")


def test_one_question_s_patience_is_for_all_its_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    """Those of its attempts, and that of its fall-back."""
    shared: list[admission.Patience] = []

    async def turn_for(*asked: Any) -> admission.Turn:
        shared.append(asked[3])
        return admission.Turn(OURS)

    def away(_: Model) -> Endless:
        raise ProviderUnavailable

    async def another(ticket: Ticket, asked: Model) -> Request:
        return Request(Model("other", "Other", "ours", 1000, 100), [])

    story = Story(monkeypatch, {})
    monkeypatch.setattr(admission, "turn_for", turn_for)
    monkeypatch.setattr(LiveRun, "wait_told", lambda *_: None)
    monkeypatch.setattr(conductor, "provider_of", away)
    monkeypatch.setattr(stand_in, "request_for", another)
    monkeypatch.setattr(policy, "wait_before", lambda attempt, _: 0.0 if attempt < 3 else None)
    assert story.outcome().status == "failed"
    assert len(shared) == 6 and len(set(map(id, shared))) == 1
