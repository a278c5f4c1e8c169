"""A model whose provider says when to ask again is left in peace until then, by every process."""

import asyncio
from typing import Any

import pytest

from conversations.errors import ProviderRateLimited, ProviderUnavailable, Refusal
from conversations.events import journal
from conversations.ids import uuid7
from conversations.provider.interface import Endpoint, Model, Report, Request
from conversations.runs import admission, news, pauses
from conversations.runs.admission import Patience
from tests.pure.alone import only_there

SECONDS: dict[str, Any] = dict.fromkeys(("connect", "first_token", "between_tokens", "answer"), 1)
ENDPOINT = Endpoint("ours", "compatible", "http://127.0.0.1:9/v1", **SECONDS)
MODEL = Model("m", "M", "ours", 8_000, 500, endpoint=ENDPOINT)


@pytest.fixture(autouse=True)
def rung(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What other processes were told."""
    bell: list[dict[str, Any]] = []

    async def ring(told: dict[str, Any]) -> None:
        bell.append(told)

    monkeypatch.setattr(pauses, "_until", {})
    monkeypatch.setattr(journal, "ring", ring)
    return bell


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Whoever sleeps makes it later."""
    now = [1_000.0]

    async def later(seconds: float) -> None:
        now[0] += seconds

    for module in (admission, pauses):
        only_there(monkeypatch, module, "time", monotonic=lambda: now[0])
    only_there(monkeypatch, admission, "asyncio", sleep=later)
    return now


async def failed(problem: Refusal) -> None:
    turn = await admission.turn_for(uuid7(), Request(MODEL, []), lambda *_: None, Patience())
    with pytest.raises(type(problem)), turn.taken(Report()):
        raise problem
    for _ in range(3):
        await asyncio.sleep(0)


async def waited(clock: list[float], told: list[float]) -> float:
    before = clock[0]
    await admission.turn_for(
        uuid7(),
        Request(MODEL, []),
        lambda _, seconds: told.append(seconds),
        Patience(),
    )
    return clock[0] - before


def test_who_asks_meanwhile_waits_and_not_all_come_at_once(
    clock: list[float], rung: list[dict[str, Any]]
) -> None:
    async def run() -> None:
        told: list[float] = []
        await failed(ProviderRateLimited(retry_after=9))
        assert rung == [{"paused": "m", "seconds": 9}]
        assert 9 <= await waited(clock, told) <= 9 + pauses.SPREAD_SECONDS
        assert told == [9]
        assert await waited(clock, told) == 0

    asyncio.run(run())


@pytest.mark.parametrize(
    "problem",
    [
        ProviderRateLimited(),
        ProviderRateLimited(retry_after=0),
        ProviderRateLimited(retry_after=3_600),
        ProviderUnavailable(retry_after=9),
    ],
)
def test_nobody_waits_for_an_hour_or_for_what_was_not_said(
    clock: list[float], problem: Refusal
) -> None:
    async def run() -> None:
        await failed(problem)
        assert await waited(clock, []) == 0

    asyncio.run(run())


def test_other_processes_hear_of_it_and_titles_are_left_out(clock: list[float]) -> None:
    async def run() -> None:
        await news._hear({"paused": "m", "seconds": 7})
        await news._hear({"paused": "m", "seconds": 3})
        assert pauses.seconds_left(MODEL) == 7
        with pytest.raises(ProviderRateLimited):
            await admission.spare_turn(Request(MODEL, []))
        clock[0] += 8
        await admission.spare_turn(Request(MODEL, []))
        await news._hear({"paused": "another", "seconds": 3})
        assert list(pauses._until) == ["another"], "what is over is forgotten"

    asyncio.run(run())


def test_who_has_no_patience_left_is_told_when_to_come_again(
    clock: list[float], settings: Any
) -> None:
    settings.QUEUE_SECONDS = 5

    async def run() -> None:
        pauses.hear("m", 9)
        with pytest.raises(ProviderRateLimited) as refused:
            await waited(clock, [])
        assert refused.value.retry_after == 9

    asyncio.run(run())
