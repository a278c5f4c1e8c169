"""A provider that fails again and again is left alone for a while; then one question tries it for all.

Each process counts failures by itself, in memory. What it makes of them is a row, which the others read
when the doorbell rings: a question to a provider that works costs no statement here.
"""

import asyncio
import logging
import time
from collections import deque
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from conversations.db import in_db
from conversations.errors import ProviderAuth, ProviderUnavailable, Refusal, Unavailable
from conversations.events import doorbell
from conversations.models import Circuit, Provider
from conversations.provider.interface import Model, Report
from conversations.runs import alarm, policy
from conversations.tasks import keep
from conversations.text import span

log = logging.getLogger(__name__)

# Failures that are further apart than this are not one trouble.
WITHIN_SECONDS = 60.0
# The first time is over before most people have asked again; then each is twice as long.
FIRST_REST_SECONDS = 5
LONGEST_REST_SECONDS = 30
# Whoever tries has as long as the first token may take, and a little to write down what came of it.
TRYING_SECONDS = 5

TRY_AGAIN_IN = _("Try again in {time}.")


class LeftAlone(ProviderUnavailable):
    reason = _(
        "The model's provider has failed several times in a row and is left alone for a moment."
    )
    retryable = False


@dataclass(frozen=True, slots=True)
class Trouble:
    """What a process knows of a provider that is left alone, or that refuses our key."""

    left_until: datetime | None = None
    key_refused_at: datetime | None = None


UNTROUBLED = Trouble()
_known: dict[str, Trouble] = {}
# When questions failed, by provider; a sign of life empties it.
_failures: dict[str, deque[float]] = {}


def troubles() -> Mapping[str, Trouble]:
    """Of every provider that has any, by name."""
    return _known


def is_left_alone(model: Model) -> bool:
    """Also while one question tries it."""
    return _known.get(model.provider, UNTROUBLED).left_until is not None


def is_resting(model: Model) -> bool:
    """Nobody is to ask it now, not even to try: its time is not over, or somebody tries it."""
    return _seconds_left(model) > 0


def spare(model: Model) -> None:
    """Raises LeftAlone for what is no question and tries nothing: a title, a summary."""
    if is_left_alone(model):
        raise _left_alone(model)


def refuse_while_resting(model: Model) -> None:
    """Raises LeftAlone: nobody has to wait for their turn first to hear of it."""
    if is_resting(model):
        raise _left_alone(model)


@asynccontextmanager
async def admitted(model: Model) -> AsyncIterator[None]:
    """Around a call, right before it. Raises LeftAlone while its provider is left alone; who asks first
    after that tries it for all, and whoever is stopped while they try leaves that to another."""
    refuse_while_resting(model)
    trial = await _trial(model) if is_left_alone(model) else None
    try:
        yield
    except asyncio.CancelledError:
        if trial is not None:
            keep(_leave_it_to_another(model.provider, trial))
        raise


def _left_alone(model: Model) -> LeftAlone:
    seconds = max(1, round(_seconds_left(model)))
    return LeftAlone(advice=TRY_AGAIN_IN.format(time=span(seconds)), retry_after=seconds)


def _seconds_left(model: Model) -> float:
    until = _known.get(model.provider, UNTROUBLED).left_until
    return (until - timezone.now()).total_seconds() if until else 0.0


async def _trial(model: Model) -> datetime | None:
    """Until when we are the one who tries; None: it works again. Raises LeftAlone: somebody else tries."""
    patience = model.endpoint.first_token if model.endpoint else 0
    try:
        until = await in_db(_claim)(model.provider, patience + TRYING_SECONDS)
    except Unavailable:
        return None  # nobody can say who is to try: better all than nobody
    if until is None:
        spare(model)  # it may have begun to work while we asked
    return until


async def _leave_it_to_another(provider: str, trial: datetime) -> None:
    with suppress(Unavailable):  # then its time runs out
        await in_db(_unclaim)(provider, trial)


def works(model: Model) -> None:
    """It gave a sign of life. Returns at once; this is called for every answer."""
    if model.provider in _failures:
        _failures[model.provider].clear()
    if model.provider in _known:
        keep(_write_down_that_it_works(model.provider))


async def failed(model: Model, problem: Refusal, report: Report) -> None:
    """A question to it has failed for good."""
    if not policy.is_to_blame(problem, report):
        works(model)
        return
    with suppress(Unavailable):
        if isinstance(problem, ProviderAuth):
            await _key_refused(model, report)
        if is_left_alone(model) or _too_often(model):
            _failures.pop(model.provider, None)
            await in_db(_open)(model.provider, report.detail)


def _too_often(model: Model) -> bool:
    most = model.endpoint.failures_in_a_row if model.endpoint else 0
    if not most:
        return False
    times = _failures.setdefault(model.provider, deque())
    times.append(time.monotonic())
    while times[-1] - times[0] > WITHIN_SECONDS:
        times.popleft()
    return len(times) >= most


async def _key_refused(model: Model, report: Report) -> None:
    if _known.get(model.provider, UNTROUBLED).key_refused_at is None:
        log.error("provider %s refuses this site's key", model.provider)
        to = await in_db(_refused)(model.provider, report.detail)
        keep(asyncio.to_thread(alarm.tell, to, model.provider))


async def _write_down_that_it_works(provider: str) -> None:
    with suppress(Unavailable):  # the next answer says so again
        await in_db(close)(provider)


# Rows --------------------------------------------------------------------------------------------


def read() -> None:
    """What all processes know. Whoever asks meanwhile is told what was known before."""
    global _known  # noqa: PLW0603 one memory a process
    rows = _in_trouble(Circuit.objects.all()).select_related("provider")
    _known = {row.provider.name: Trouble(row.left_until, row.key_refused_at) for row in rows}


def close(*providers: str) -> int:
    """They are asked as usual again. How many were not."""
    changed = _in_trouble(_of(*providers)).update(
        opened_at=None, left_until=None, is_tried=False, rests=0, key_refused_at=None
    )
    if changed:
        log.info("asked as usual again: %s", ", ".join(providers))
        _changed()
    return changed


def takes_the_key(provider: str) -> None:
    """It said so when nothing else was asked; whether it answers questions is not known by that."""
    if _of(provider).filter(key_refused_at__isnull=False).update(key_refused_at=None):
        log.info("provider %s takes this site's key", provider)
        _changed()


def _of(*providers: str) -> QuerySet[Circuit]:
    """By ids, not by a join: an update of joined rows decides by how they were before somebody else's."""
    named = Provider.objects.filter(name__in=providers)
    return Circuit.objects.filter(provider__in=named.values("pk"))


def _in_trouble(rows: QuerySet[Circuit]) -> QuerySet[Circuit]:
    return rows.filter(Q(opened_at__isnull=False) | Q(key_refused_at__isnull=False))


def _changed() -> None:
    """Every process reads anew; this one at once, what its own transaction has made of it."""
    doorbell.ring({"circuit": True})
    read()


def _row(provider: str) -> Circuit | None:
    """Locked. None: the provider was deleted meanwhile."""
    found = Provider.objects.filter(name=provider).first()
    if found is None:
        return None
    Circuit.objects.bulk_create([Circuit(provider=found)], ignore_conflicts=True)
    return Circuit.objects.select_for_update().get(provider=found)


def _open(provider: str, detail: str) -> None:
    """For the first time, or because the one question that tried has failed."""
    row, now = _row(provider), timezone.now()
    if row is None or (row.left_until and row.left_until > now and not row.is_tried):
        return  # it was asked before it was left alone
    seconds = rest(row.rests)
    row.opened_at = row.opened_at or now
    row.left_until = now + timedelta(seconds=seconds)
    row.rests, row.is_tried = row.rests + 1, False
    row.error, row.error_at = detail, now
    row.save()
    # What it said stands in the list of providers: it may quote what it was asked.
    log.error("provider %s is left alone for %s s", provider, seconds)
    _changed()


def rest(before: int) -> int:
    """Seconds, after so many rests in a row."""
    return int(min(FIRST_REST_SECONDS * 2 ** min(before, 30), LONGEST_REST_SECONDS))


def _claim(provider: str, seconds: float) -> datetime | None:
    """Until when this process is to try it; None: it is not. Who never says what came of it is followed
    by another."""
    now = timezone.now()
    until = now + timedelta(seconds=seconds)
    mine = _of(provider).filter(opened_at__isnull=False, left_until__lte=now)
    if mine.update(is_tried=True, left_until=until):
        _changed()
        return until
    read()
    return None


def _unclaim(provider: str, until: datetime) -> None:
    """Unless somebody else tries it by now, or it works."""
    mine = _of(provider).filter(is_tried=True, left_until=until)
    if mine.update(is_tried=False, left_until=timezone.now()):
        _changed()


def _refused(provider: str, detail: str) -> list[str]:
    """Who is to be told of it by mail: nobody for whom that is no news, or who was told just now."""
    row, now = _row(provider), timezone.now()
    if row is None or row.key_refused_at is not None:
        return []
    is_told = row.mailed_at is not None and now - row.mailed_at < alarm.AT_MOST_EVERY
    row.key_refused_at, row.error, row.error_at = now, detail, now
    to = [] if is_told else alarm.recipients()
    row.mailed_at = now if to else row.mailed_at
    row.save()
    _changed()
    return to
