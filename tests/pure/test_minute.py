"""No minute gets more than its provider allows, whenever it begins; and nobody waits for nothing."""

from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from conversations.usage.minute import COUNTS_SECONDS, SECONDS, Limits, Minute

NOON = 1_800_000_000.0

asked = st.tuples(st.floats(0, 90), st.integers(0, 300))
limit = st.integers(1, 5)


@dataclass
class Played:
    """Calls that were let through: when, and with how many tokens."""

    calls: list[tuple[float, int]]
    spent: list[tuple[int, int, int]]


def played(questions: list[tuple[float, int]], limits: Limits) -> Played:
    """Each question comes some seconds after the one before, and waits for its turn."""
    now, done = NOON, Played([], [])
    for pause, wanted in questions:
        now += pause
        tokens = Minute(done.spent, now, limits).affordable(wanted)
        for _look in range(3):  # the wait that was told is enough, but for what rounding takes
            wait = Minute(done.spent, now, limits).wait_for(1, tokens)
            if not wait:
                break
            now += wait
        minute = Minute(done.spent, now, limits)
        assert minute.wait_for(1, tokens) == 0
        minute.take(tokens)
        done.spent = minute.spent
        done.calls.append((now, tokens))
    return done


@given(st.lists(asked, max_size=30), limit, st.none() | st.integers(1, 400))
def test_no_minute_gets_more_than_is_allowed(
    questions: list[tuple[float, int]], requests: int, tokens: int | None
) -> None:
    done = played(questions, Limits(requests=requests, tokens=tokens))
    for begin, _ in done.calls:
        within = [took for at, took in done.calls if begin <= at < begin + SECONDS]
        assert len(within) <= requests
        assert tokens is None or sum(within) <= tokens
    assert len(done.spent) <= COUNTS_SECONDS


@given(st.lists(st.floats(0, 5), min_size=1, max_size=30), limit)
def test_as_much_as_is_allowed_is_let_through_without_waiting(
    pauses: list[float], requests: int
) -> None:
    """Whoever waits has so many before them within the last minute, and a second for rounding."""
    now = NOON
    spent: list[tuple[int, int, int]] = []
    for pause in pauses:
        now += pause
        minute = Minute(spent, now, Limits(requests=requests))
        recent = [slot for slot in spent if slot[0] + COUNTS_SECONDS > now]
        waits = minute.wait_for(1, 0)
        assert bool(waits) == (sum(calls for _, calls, _ in recent) >= requests)
        assert waits <= COUNTS_SECONDS
        if not waits:
            minute.take(0)
            spent = minute.spent


def test_the_third_of_two_a_minute_waits_for_the_first() -> None:
    limits = Limits(requests=2)
    minute = Minute([], NOON, limits)
    minute.take(0)
    minute = Minute(minute.spent, NOON + 10, limits)
    assert minute.wait_for(1, 0) == 0
    minute.take(0)
    later = Minute(minute.spent, NOON + 20, limits)
    assert later.wait_for(1, 0) == COUNTS_SECONDS - 20
    assert later.wait_for(2, 0) == COUNTS_SECONDS - 10
    assert later.wait_for(3, 0) == COUNTS_SECONDS - 20 + COUNTS_SECONDS


def test_nobody_waits_until_it_is_as_late_as_before_the_clock_was_set_back() -> None:
    limits = Limits(requests=1, tokens=100)
    before = Minute([], NOON, limits)
    before.take(100)
    after = Minute(before.spent, NOON - 3_600, limits)
    assert after.wait_for(1, 100) == 0 and after.spent == []


def test_what_a_call_really_took_counts() -> None:
    limits = Limits(tokens=1_000)
    minute = Minute([], NOON, limits)
    second = minute.take(900)
    assert minute.wait_for(1, 200) > 0
    minute.correct(second, -800)
    assert minute.wait_for(1, 200) == 0 and minute.wait_for(1, 901) > 0
    minute.correct(second, 5_000)
    assert minute.wait_for(1, 1) == COUNTS_SECONDS
    minute.correct(second, -9_000)
    assert minute.spent == [(second, 1, 0)]


def test_a_call_of_long_ago_is_not_put_right() -> None:
    minute = Minute([], NOON, Limits(tokens=1_000))
    second = minute.take(10)
    later = Minute(minute.spent, NOON + COUNTS_SECONDS, Limits(tokens=1_000))
    later.correct(second, 500)
    assert later.spent == []


def test_what_is_more_than_a_minute_takes_is_let_through_alone() -> None:
    minute = Minute([], NOON, Limits(tokens=1_000))
    assert minute.affordable(5_000) == 1_000
    assert minute.wait_for(1, minute.affordable(5_000)) == 0
    assert Minute([], NOON, Limits(requests=1)).affordable(5_000) == 5_000
