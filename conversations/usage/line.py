"""The line before a provider that allows only so much: in order, in turn between people, over all processes.

Each transaction here holds the lock of the provider's `Allowance` for a few statements. All times are those
of Postgres, so that processes on several machines agree.
"""

import math
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection
from django.db.models import Exists, OuterRef, Q

from conversations.ids import uuid7
from conversations.models import Allowance, Boot, Place
from conversations.usage.minute import Limits, Minute

# Who waits looks every few seconds (runs/admission.py), a process beats every second: whoever was not
# seen for so long has gone, and what is left of them holds nobody up.
GONE_SECONDS = 10
# What is let through without waiting, because it is nobody's question, leaves so much of a minute.
SPARED = 0.25
# Nobody knows when one of the calls under way will end: to look so often, for each who stands before.
LOOK_SECONDS = 0.5
# Of a running mean: how much the newest answer counts.
NEWEST = 1 / 16
# A provider that names an hour has made a mistake, or has no credit left.
LONGEST_PAUSE_SECONDS = 120


@dataclass(frozen=True, slots=True)
class Asker:
    """Who wants to ask what. `answer_limit` is the most that the answer may take."""

    provider: str
    limits: Limits
    user: UUID | None
    boot: UUID
    prompt_tokens: int
    answer_limit: int
    # How long a call may take at most: after that it is no longer under way, whatever became of it.
    longest_seconds: float
    place: UUID = field(default_factory=uuid7)


@dataclass(frozen=True, slots=True)
class Pass:
    """Leave for one call, and what was taken for it. To be given back (`come_out`)."""

    provider: str
    place: UUID
    second: int
    tokens: int
    limits: Limits


@dataclass(frozen=True, slots=True)
class Wait:
    """About so long, by what is known now; and when to look again."""

    seconds: float
    look: float


def step_up(asker: Asker) -> Pass | Wait:
    """Leave to ask, or a place in the line. To be called again and again until it is one's turn."""
    counter = _Counter(asker)
    mine = counter.place_of_mine()
    ahead = [place for place in counter.waiting if (place.turn, place.pk) < (mine.turn, mine.pk)]
    wait = counter.wait_behind(ahead, mine.tokens)
    if not ahead and not wait.seconds:
        return counter.let_through(mine)
    mine.seen_at = counter.now
    mine.save()
    return wait


def slip_in(asker: Asker) -> Pass | None:
    """Leave for a call that nobody waits for, if nobody is held up by it."""
    counter = _Counter(asker)
    mine = counter.place_of_mine()
    if counter.waiting or not counter.can_spare(mine.tokens):
        return None
    return counter.let_through(mine)


def come_out(
    leave: Pass, *, used: int | None, answered: int | None = None, pause: int | None = None
) -> None:
    """A call has ended. `used`: its tokens, None where nobody said; `answered`: those of its answer.

    `pause`: for so many seconds the provider wants to hear of nobody.
    """
    allowance, now = _locked(leave.provider)
    place = Place.objects.filter(pk=leave.place).first()
    if place is not None and place.admitted_at is not None:
        seconds = (now - place.admitted_at).total_seconds()
        allowance.call_seconds += (seconds - allowance.call_seconds) * NEWEST
        place.delete()
    minute = Minute(allowance.spent, now.timestamp(), leave.limits)
    if used is not None:
        minute.correct(leave.second, used - leave.tokens)
    if answered is not None:
        allowance.answer_tokens += (answered - allowance.answer_tokens) * NEWEST
    if pause:
        until = now + timedelta(seconds=min(pause, LONGEST_PAUSE_SECONDS))
        allowance.paused_until = max(until, allowance.paused_until or until)
    allowance.spent = minute.spent
    allowance.save()


def step_aside(place: UUID) -> None:
    """Whoever waited does not any more."""
    Place.objects.filter(pk=place).delete()


class _Counter:
    """The provider's limits, its line and the calls under way, held still until the transaction ends."""

    def __init__(self, asker: Asker) -> None:
        self._asker = asker
        self._allowance, self.now = _locked(asker.provider)
        self._minute = Minute(self._allowance.spent, self.now.timestamp(), asker.limits)
        _forget_who_is_gone(asker, self.now)
        everybody = list(Place.objects.filter(provider=asker.provider))
        self._under_way = [place for place in everybody if place.admitted_at]
        standing = [place for place in everybody if not place.admitted_at]
        self._mine = next((place for place in standing if place.pk == asker.place), None)
        self.waiting = [place for place in standing if place is not self._mine]

    def place_of_mine(self) -> Place:
        """Where one stands already, or a new place: behind one's own, and else behind who was let through."""
        if self._mine is not None:
            return self._mine
        own = [place.turn for place in self.waiting if place.user == self._asker.user]
        return Place(
            pk=self._asker.place,
            provider=self._asker.provider,
            user=self._asker.user,
            boot=self._asker.boot,
            turn=max([self._allowance.turn, *own]) + 1,
            tokens=self._tokens(),
        )

    def wait_behind(self, ahead: list[Place], tokens: int) -> Wait:
        wanted = tokens + sum(place.tokens for place in ahead)
        minute = max(self._minute.wait_for(len(ahead) + 1, wanted), self._pause())
        looking = LOOK_SECONDS * len(ahead)
        seconds = max(minute, self._wait_for_call(len(ahead)), looking)
        return Wait(seconds, look=max(minute, looking + LOOK_SECONDS))

    def can_spare(self, tokens: int) -> bool:
        limits = self._asker.limits
        requests = 1 + math.ceil((limits.requests or 0) * SPARED)
        minute = self._minute.wait_for(requests, tokens + math.ceil((limits.tokens or 0) * SPARED))
        return not (minute or self._wait_for_call(0) or self._pause())

    def let_through(self, place: Place) -> Pass:
        place.admitted_at = place.seen_at = self.now
        place.save()
        second = self._minute.take(place.tokens)
        self._allowance.spent = self._minute.spent
        self._allowance.turn = max(self._allowance.turn, place.turn)
        self._allowance.save()
        return Pass(place.provider, place.pk, second, place.tokens, self._asker.limits)

    def _tokens(self) -> int:
        """What the call will take, by what answers took until now."""
        if not self._asker.limits.tokens:
            return 0
        answer = min(round(self._allowance.answer_tokens), self._asker.answer_limit)
        return self._minute.affordable(self._asker.prompt_tokens + answer)

    def _wait_for_call(self, ahead: int) -> float:
        calls = self._asker.limits.calls
        if not calls or len(self._under_way) < calls:
            return 0.0
        return self._allowance.call_seconds * (ahead + 1) / calls

    def _pause(self) -> float:
        until = self._allowance.paused_until
        return max(0.0, (until - self.now).total_seconds()) if until else 0.0


def _locked(provider: str) -> tuple[Allowance, datetime]:
    """And what time it is, once nobody else holds it."""
    rows = Allowance.objects.select_for_update().filter(pk=provider)
    found = rows.first()
    if found is None:
        Allowance.objects.bulk_create([Allowance(provider=provider)], ignore_conflicts=True)
        found = rows.get()
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        [(now,)] = cursor.fetchall()
    return found, now


def _forget_who_is_gone(asker: Asker, now: datetime) -> None:
    """Places of processes that died, of who does not look any more, and of calls that nobody ended."""
    long_ago = now - timedelta(seconds=GONE_SECONDS)
    began = now - timedelta(seconds=asker.longest_seconds)
    alive = Boot.objects.filter(pk=OuterRef("boot"), beat_at__gt=long_ago)
    silent = Q(admitted_at=None, seen_at__lte=long_ago)
    places = Place.objects.filter(provider=asker.provider)
    places.filter(silent | Q(admitted_at__lte=began) | ~Exists(alive)).delete()
