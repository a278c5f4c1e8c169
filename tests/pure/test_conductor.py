"""What a run ends with when its question cannot even be read; the rest is tested through the doors."""

import asyncio

import pytest

from conversations.db import DATABASE_AWAY
from conversations.errors import ModelUnavailable, ProviderProblem, Refusal, Unavailable
from conversations.ids import uuid7
from conversations.provider.interface import Model, Piece, Report, Request, Take
from conversations.runs import conductor, prompt
from conversations.runs.conductor import Outcome
from conversations.runs.recorder import LiveRun
from conversations.runs.start import Ticket

NO_SUCH = "The model “x” is not available."


def outcome_when(monkeypatch: pytest.MonkeyPatch, *troubles: Refusal) -> Outcome:
    """How a run ends whose question is read with these troubles, the last for ever."""
    left = list(troubles)

    async def request_for(ticket: Ticket) -> Request:
        raise left.pop(0) if len(left) > 1 else left[0]

    async def run() -> Outcome:
        outcome = Outcome()
        ticket = Ticket(uuid7(), uuid7(), uuid7(), uuid7(), "x")
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
        live = LiveRun(Ticket(uuid7(), uuid7(), uuid7(), uuid7(), "m"))
        await conductor.answer(live, outcome)
        return outcome, live

    monkeypatch.setattr(prompt, "request_for", request_for)
    monkeypatch.setattr(conductor, "provider_of", lambda model: Endless())
    monkeypatch.setattr(conductor, "MOST_CHARACTERS", 1000)
    outcome, live = asyncio.run(asyncio.wait_for(run(), 10))
    assert outcome.status == "interrupted" and 1000 < live.length < 1010
    assert "longer than this site keeps" in str(outcome.problem)


def test_every_sentence_about_a_provider_says_what_is_and_what_to_do() -> None:
    kinds: list[type[ProviderProblem]] = [ProviderProblem, *ProviderProblem.__subclasses__()]
    for kind in kinds:
        assert str(kind()) == f"{kind.reason} {kind.advice}"
        assert kind.reason.endswith(".") and kind.advice.endswith(".")
