"""Waiting for one's turn: told once, bounded, left without a trace, and free where there is no limit."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

import pytest

from conversations.db import DATABASE_AWAY
from conversations.errors import ProviderRateLimited, ProviderUnavailable, Unavailable
from conversations.ids import uuid7
from conversations.provider import catalogue
from conversations.provider.interface import Endpoint, Model, Report, Request, Usage
from conversations.runs import admission
from conversations.runs.admission import Patience
from conversations.usage.line import GONE_SECONDS, Pass, Wait
from conversations.usage.minute import Limits
from tests.pure.alone import only_there

PASS = Pass("ours", uuid7(), 0, 100, Limits(calls=1))
SECONDS: dict[str, Any] = dict.fromkeys(("connect", "first_token", "between_tokens", "answer"), 1)


class Desk:
    """Postgres, as the line before it is asked: `says` what it answers, `done` what it was told."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.says: list[Pass | Wait | Exception | None] = [PASS]
        self.done: list[str] = []
        self.ended: dict[str, Any] = {}
        self.askers: list[Any] = []
        self.open = asyncio.Event()
        self.open.set()
        # How often Postgres is away when a place is given back.
        self.away = 0
        monkeypatch.setattr(admission, "in_db", self.in_db)

    def in_db(self, work: Callable[..., Any]) -> Callable[..., Awaitable[Any]]:
        how = work if isinstance(work, partial) else partial(work)

        async def awaitable(*args: object) -> Any:
            await self.open.wait()
            self.done.append(how.func.__name__)
            if how.func.__name__ not in ("step_up", "slip_in"):
                if self.away:
                    self.away -= 1
                    raise Unavailable(DATABASE_AWAY)
                self.ended = dict(how.keywords)
                return None
            self.askers += args
            answer = self.says.pop(0) if len(self.says) > 1 else self.says[0]
            if isinstance(answer, Exception):
                raise answer
            return answer

        return awaitable

    async def settled(self) -> None:
        """What goes on beside has been done."""
        for _ in range(10):
            await asyncio.sleep(0)


def request(**limits: Any) -> Request:
    endpoint = Endpoint("ours", "compatible", "http://127.0.0.1:9/v1", **SECONDS, **limits)
    model = Model("m", "M", "ours", 8_000, 500, endpoint=endpoint)
    return Request(model, [{"role": "user", "content": "Hello"}])


LIMITED = request(concurrent_calls=1)


async def asked(
    told: list[float], what: Request = LIMITED, patience: Patience | None = None
) -> admission.Turn:
    return await admission.turn_for(
        uuid7(), what, lambda _, seconds: told.append(seconds), patience or Patience()
    )


@pytest.mark.parametrize("limits", [{}, {"concurrent_calls": 0, "tokens_per_minute": 0}])
def test_a_provider_without_limits_costs_no_statement(
    monkeypatch: pytest.MonkeyPatch, limits: dict[str, int]
) -> None:
    async def run() -> None:
        desk = Desk(monkeypatch)
        for turn in (
            await asked([], request(**limits)),
            await admission.spare_turn(request(**limits)),
        ):
            with turn.taken(Report()):
                pass
        await desk.settled()
        assert not desk.done

    asyncio.run(run())


def test_who_waits_is_told_once_until_it_was_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    async def run() -> list[float]:
        told: list[float] = []
        desk = Desk(monkeypatch)
        desk.says = [Wait(9, 0), Wait(8, 0), Wait(30, 0), Wait(29, 0), PASS]
        await asked(told)
        return told

    assert asyncio.run(run()) == [9, 30]


def test_who_waits_gains_by_what_is_allowed_meanwhile(monkeypatch: pytest.MonkeyPatch) -> None:
    async def run() -> list[Limits]:
        desk = Desk(monkeypatch)
        desk.says = [Wait(9, 0), PASS]
        endpoint = request(requests_per_minute=100).model.endpoint
        assert endpoint

        def allowed(*_: object) -> None:
            monkeypatch.setattr(catalogue, "as_it_is_by_now", lambda _: endpoint)

        await admission.turn_for(uuid7(), LIMITED, allowed, Patience())
        return [asker.limits for asker in desk.askers]

    assert asyncio.run(run()) == [Limits(calls=1), Limits(requests=100)]


def test_nobody_waits_for_ever(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    settings.QUEUE_SECONDS = 0.3

    async def run() -> None:
        told: list[float] = []
        desk = Desk(monkeypatch)
        desk.says = [Wait(0.1, 0)]
        with pytest.raises(ProviderRateLimited) as refused:
            await asked(told)
        await desk.settled()
        assert told and refused.value.retry_after == 1 and not refused.value.retryable
        assert set(desk.done[:-1]) == {"step_up"} and desk.done[-1] == "step_aside"

    asyncio.run(run())


def test_what_one_has_waited_before_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    async def run() -> None:
        desk, patience = Desk(monkeypatch), Patience()
        desk.says = [Wait(0.1, 0), PASS]
        await asked([], patience=patience)
        assert patience.seconds <= Patience().seconds - admission.LEAST_SECONDS
        patience.seconds = 0.05
        desk.says = [Wait(0.1, 0), PASS]
        with pytest.raises(ProviderRateLimited):
            await asked([], patience=patience)

    asyncio.run(run())


def test_who_waits_looks_often_though_it_may_take_long(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever stood before may have left; and who does not look is thought to have gone."""
    looked: list[float] = []

    async def at_once(seconds: float) -> None:
        looked.append(seconds)

    async def run() -> None:
        desk = Desk(monkeypatch)
        desk.says = [Wait(60, 60), Wait(1, 1), Wait(1, 0), PASS]
        only_there(monkeypatch, admission, "asyncio", sleep=at_once)
        await asked([])

    asyncio.run(run())
    assert looked == [admission.LOOK_SECONDS, 1, admission.LEAST_SECONDS]
    assert admission.LOOK_SECONDS * 4 < GONE_SECONDS


def test_a_place_is_given_back_though_postgres_is_away_just_then(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(admission, "AGAIN_SECONDS", 0)

    async def run() -> list[str]:
        desk = Desk(monkeypatch)
        turn = await asked([])
        desk.away = 2
        with turn.taken(Report()):
            pass
        await desk.settled()
        return desk.done

    assert asyncio.run(run()) == ["step_up", *["come_out"] * 3]


def test_who_is_stopped_leaves_no_place(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where the place, or leave to ask, is given at that very moment."""

    async def run(stopped_while: str) -> list[str]:
        desk = Desk(monkeypatch)
        desk.says = [Wait(60, 60) if stopped_while == "waiting" else PASS]
        if stopped_while == "asking":
            desk.open.clear()
        asking = asyncio.create_task(asked([]))
        await desk.settled()
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
        desk.open.set()
        await desk.settled()
        return desk.done

    assert asyncio.run(run("waiting")) == ["step_up", "step_aside"]
    assert asyncio.run(run("asking")) == ["step_up", "step_aside"]


def test_without_postgres_nobody_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    async def run() -> None:
        desk = Desk(monkeypatch)
        desk.says = [Unavailable(DATABASE_AWAY)]
        turn = await asked([])
        with turn.taken(Report()):
            pass
        await desk.settled()
        assert desk.done == ["step_up"]

    asyncio.run(run())


def test_what_nobody_waits_for_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    async def run() -> None:
        desk = Desk(monkeypatch)
        desk.says = [None]
        with pytest.raises(ProviderRateLimited):
            await admission.spare_turn(LIMITED)
        assert desk.done == ["slip_in"]

    asyncio.run(run())


ENDS: dict[str, tuple[Report, Exception | None, dict[str, int | None]]] = {
    "well": (Report(usage=Usage(7, 0, 3, 0)), None, {"used": 10, "answered": 3, "pause": None}),
    "uncounted": (Report(began=True), None, {"used": None, "answered": None, "pause": None}),
    "limited": (
        Report(), ProviderRateLimited(retry_after=9), {"used": 0, "answered": None, "pause": 9},
    ),
    "refused": (Report(), ProviderUnavailable(), {"used": 0, "answered": None, "pause": None}),
    "broken off": (
        Report(began=True), ProviderUnavailable(), {"used": None, "answered": None, "pause": None},
    ),
}  # fmt: skip


@pytest.mark.parametrize(("report", "problem", "told"), ENDS.values(), ids=ENDS.keys())
def test_after_a_call_it_is_put_right(
    monkeypatch: pytest.MonkeyPatch,
    report: Report,
    problem: Exception | None,
    told: dict[str, int | None],
) -> None:
    async def run() -> None:
        desk = Desk(monkeypatch)
        turn = await asked([])
        try:
            with turn.taken(report):
                if problem:
                    raise problem
        except type(problem or KeyError()):
            pass
        await desk.settled()
        assert desk.done == ["step_up", "come_out"] and desk.ended == told

    asyncio.run(run())
