"""How much may be asked at once: one limiter for every door, held across processes by row locks.

Messages of one person are counted by their own row, whose lock they hold anyway when they send; all
else by counters, which there are only where an administrator limits something (bounds.py).
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import connection

from conversations.models import ProviderCall, SendLog, User
from conversations.models.limits import Whom
from conversations.models.usage import Purpose
from conversations.usage import bounds as bounds_now
from conversations.usage import counters, full
from conversations.usage.bounds import Bounds, Counter, Rates
from conversations.usage.counters import Counts
from conversations.usage.full import Wait

WINDOW_SECONDS = 60.0
# What nobody asked for, such as a title, leaves so much of a minute to questions.
SPARED = 0.25
UNDER_WAY = """
SELECT count(*) FROM conversations_run WHERE user_id = %s AND status IN ('waiting', 'running')
"""


@dataclass(frozen=True, slots=True)
class Expected:
    """What a run will take: `to_read` is reckoned only where tokens are limited."""

    run: UUID
    to_read: Callable[[], int]
    answer_at_most: int


# Messages ----------------------------------------------------------------------------------------


def one_more(bounds: Bounds, times: list[float], now: float) -> list[float]:
    """When the messages of the last minute were sent, with one that is sent `now`, by the clock of Postgres:
    those of two machines are never the same. Raises RateLimited."""
    limit = bounds.own.messages
    if not limit:
        return times
    recent = [moment for moment in times if now - WINDOW_SECONDS < moment <= now]
    if len(recent) >= limit:
        mine = full.of_messages(Whom.PERSON, recent[-limit] + WINDOW_SECONDS - now, limit)
        raise full.refusal([mine, *_others_that_are_full(bounds)])
    return [*recent, now]


def spend(user: User, address: str | None, messages: int = 1) -> None:
    """Count what begins no run, and takes as much of us as so many messages. Raises RateLimited, and
    counts nothing."""
    bounds, log = bounds_now.bounds_of(user, address), _serialised(user)
    now = _now()
    for _message in range(messages):
        log.times = one_more(bounds, log.times, now)
    log.save(update_fields=["times"])
    limiting = [counter for counter in bounds.counters if counter.rates.messages]
    if limiting:
        counts = Counts(limiting)
        _all_let_through(counts, limiting, lambda counter: _waits(counts, counter, messages, 0))
        for counter in limiting:
            counts.take(counter.key, messages, 0)
        counts.keep()


def _serialised(user: User) -> SendLog:
    """Lock this user's sends until the transaction ends."""
    locked = SendLog.objects.select_for_update().filter(user=user)
    found = locked.first()
    if found is None:  # the first message of this person
        SendLog.objects.bulk_create([SendLog(user=user)], ignore_conflicts=True)
        found = locked.get()
    return found


def _now() -> float:
    with connection.cursor() as cursor:
        cursor.execute("SELECT extract(epoch FROM clock_timestamp())::float8")
        [(now,)] = cursor.fetchall()
    return float(now)


def _others_that_are_full(bounds: Bounds) -> Iterator[Wait]:
    """So that nobody who waits for their own minute then waits for their group's."""
    if bounds.counters:
        counts = Counts(bounds.counters, lock=False)
        for counter in bounds.counters:
            yield from _waits(counts, counter, 1, 0)


# Runs --------------------------------------------------------------------------------------------


def may_run(user: User, bounds: Bounds) -> None:
    """Raises RateLimited when as many answers are under way as one person may have at once."""
    limit = bounds.own.runs
    if limit and _under_way(user) >= limit:
        raise full.refusal([full.of_runs(Whom.PERSON, limit)])


def let_through(bounds: Bounds, expected: Expected) -> None:
    """Count a run that has just begun, with what it will probably take. Raises RateLimited."""
    if not bounds.counters:
        return
    counts, limiting = Counts(bounds.counters), bounds.counters
    is_reckoned = any(counter.rates.tokens for counter in limiting)
    to_read = expected.to_read() if is_reckoned else 0

    def tokens(counter: Counter) -> int:
        if not counter.rates.tokens:
            return 0
        return counts.expected(counter.key, to_read, expected.answer_at_most)

    _all_let_through(
        counts, limiting, lambda counter: _waits(counts, counter, 1, tokens(counter), runs=1)
    )
    for counter in limiting:
        counts.take(counter.key, 1, tokens(counter))
    counts.keep(expected.run)


def _under_way(user: User) -> int:
    with connection.cursor() as cursor:  # a third of what the ORM takes, for each question
        cursor.execute(UNDER_WAY, [user.pk])
        [(count,)] = cursor.fetchall()
    return int(count)


# What was really taken ---------------------------------------------------------------------------


def entered(
    run: UUID | None, user: UUID | None, purpose: str, calls: Sequence[ProviderCall]
) -> None:
    """Calls are on the ledger, in this transaction. What a run took puts right what was thought it
    takes, once; what was no run is counted now."""
    if not bounds_now.rules.known().count:
        return
    used = sum((call.input_tokens or 0) + (call.output_tokens or 0) for call in calls)
    if run is not None and purpose == Purpose.CHAT:
        answered = calls[-1].output_tokens if calls else None
        _put_right(run, used if _is_known(calls) else None, answered)
    elif user is not None:
        _add(user, used)


def given_back(run: UUID) -> None:
    """A run has ended before anybody was asked."""
    if bounds_now.rules.known().count:
        _put_right(run, 0, None)


def _is_known(calls: Sequence[ProviderCall]) -> bool:
    """Of what broke off after its first words nobody knows; what never began took nothing."""
    return all(call.output_tokens is not None or not call.first_token_seconds for call in calls)


def _put_right(run: UUID, used: int | None, answered: int | None) -> None:
    held = counters.let_go(run)
    if not held or used is None:
        return
    counts = Counts([Counter(key, Whom.PERSON, Rates()) for key, _second, _tokens in held])
    for key, second, tokens in held:
        counts.put_right(key, second, used - tokens, answered)
    counts.keep()


def _add(user: UUID, used: int) -> None:
    """Such as a title: counted, and never refused."""
    limiting = _of_tokens(user) if used else []
    if limiting:
        counts = Counts(limiting)
        for counter in limiting:
            counts.take(counter.key, 0, used)
        counts.keep()


def has_room(user: UUID) -> bool:
    """Whether something may be made that nobody asked for: not where questions will want the tokens."""
    limiting = _of_tokens(user)
    if not limiting:
        return True
    counts = Counts(limiting, lock=False)
    return all(counts.left_of_tokens(counter.key) > SPARED for counter in limiting)


def _of_tokens(user: UUID) -> Sequence[Counter]:
    if not bounds_now.rules.known().count:
        return []
    bounds = bounds_now.bounds_of(user)
    return [counter for counter in bounds.counters if counter.rates.tokens]


# Saying no ---------------------------------------------------------------------------------------


def _all_let_through(
    counts: Counts, limiting: Sequence[Counter], waits: Callable[[Counter], Iterator[Wait]]
) -> None:
    found = [wait for counter in limiting for wait in waits(counter)]
    if found:
        raise full.refusal(found)


def _waits(
    counts: Counts, counter: Counter, messages: int, tokens: int, *, runs: int = 0
) -> Iterator[Wait]:
    """One for each of its amounts that is full."""
    rates, whom = counter.rates, counter.whom
    if seconds := counts.wait_for(counter.key, messages, 0):
        yield full.of_messages(whom, seconds, rates.messages)
    if seconds := counts.wait_for(counter.key, 0, tokens):
        yield full.of_tokens(whom, seconds)
    if rates.runs and runs and counts.under_way(counter.key) >= rates.runs:
        yield full.of_runs(whom, rates.runs)
