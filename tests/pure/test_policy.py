"""Whose fault a failure was: who is to blame is left alone after a while, and another model is asked."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from conversations.errors import (
    ContentFiltered,
    ContextTooLong,
    Interrupted,
    ModelUnavailable,
    ProviderAuth,
    ProviderProblem,
    ProviderRateLimited,
    ProviderRejected,
    ProviderTimeout,
    ProviderUnavailable,
    Refusal,
)
from conversations.provider.interface import Endpoint, Model, Report
from conversations.runs import circuit, policy
from tests.pure.alone import only_there

ENDED = Report(finish_reason="stop")
CASES = [
    # What went wrong, what was reported, whose fault it is, whether another may do better.
    (ProviderAuth(), Report(), True, True),
    (ProviderTimeout(), Report(), True, True),
    (ProviderUnavailable(), Report(), True, True),
    (Interrupted(), Report(), True, True),
    (ProviderProblem(), Report(), True, True),
    (ProviderRateLimited(retryable=False), Report(), True, True),
    (ProviderRateLimited(), Report(), False, True),
    (ModelUnavailable(), Report(), False, True),
    (ProviderProblem("An empty answer."), ENDED, False, False),
    (ProviderRejected(), Report(), False, False),
    (ContentFiltered(), Report(), False, False),
    (ContextTooLong(), Report(), False, False),
    (Refusal(), Report(), False, False),
]


@pytest.mark.parametrize(("problem", "report", "blamed", "better"), CASES)
def test_whose_fault_it_was(problem: Refusal, report: Report, blamed: bool, better: bool) -> None:
    assert policy.is_to_blame(problem, report) == blamed
    assert policy.another_may_do_better(problem, report) == better


def model(most: int) -> Model:
    name = f"of-{most}"
    endpoint = Endpoint(name, "compatible", "http://x", 1, 1, 1, 1, failures_in_a_row=most)
    return Model("m", "M", name, 1000, 100, endpoint=endpoint)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [100.0]
    monkeypatch.setattr(circuit, "_failures", {})
    only_there(monkeypatch, circuit, "time", monotonic=lambda: now[0])
    return now


def test_so_many_in_a_row_within_a_minute_are_too_many(clock: list[float]) -> None:
    said = []
    for _ in range(6):
        said.append(circuit._too_often(model(3)))
        clock[0] += 25
    # Never more than three in sixty seconds; a fourth every twenty-five.
    assert said == [False, False, True, True, True, True]
    clock[0] += 100
    assert not circuit._too_often(model(3))


def test_a_sign_of_life_begins_the_count_anew(clock: list[float]) -> None:
    shaky = model(3)
    circuit._too_often(shaky)
    circuit._too_often(shaky)
    asyncio.run(circuit.failed(shaky, ProviderRejected(), Report()))
    assert not circuit._too_often(shaky)


def test_after_it_was_left_alone_the_count_begins_anew(
    clock: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[object] = []

    def in_db(work: object) -> Callable[..., Awaitable[None]]:
        async def done(*_: object) -> None:
            opened.append(work)

        return done

    monkeypatch.setattr(circuit, "in_db", in_db)
    for expected in (0, 1, 1, 2):
        asyncio.run(circuit.failed(model(2), ProviderUnavailable(), Report()))
        assert len(opened) == expected


def test_who_is_never_to_be_left_alone_is_not_counted(clock: list[float]) -> None:
    assert not any(circuit._too_often(model(0)) for _ in range(100))
