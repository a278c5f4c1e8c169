"""Runs whose process is gone are told so: interrupted, their text kept."""

import asyncio
import logging
import os
import time
from contextlib import suppress
from datetime import timedelta
from uuid import UUID

from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Now

from conversations import db
from conversations.db import in_db
from conversations.errors import Unavailable
from conversations.events import doorbell, journal
from conversations.models import Boot, Run
from conversations.models.conversation import LIVE
from conversations.runs import executor, finish, judging, moderation_watch, spending, start
from conversations.runs.start import BOOT
from conversations.usage import budgets

log = logging.getLogger(__name__)

BEAT_SECONDS = 1.0
# Dead is who has not given a sign for so long (ARCHITECTURE.md, decision 3) …
DEAD_SECONDS = 4.0
# … but while Postgres was away, which we know by our own silence, nobody could give one.
SILENCE_SECONDS = 3.0
GRACE_SECONDS = 5.0
# Who asks is told that Postgres is away when it does not answer our own sign for so long.
ANSWER_SECONDS = 2.0
# Postgres may have come back while we were starting: the others have beaten again by then.
NEWBORN_SECONDS = 3.0

# Runs that are ours by name and that nobody here executes: a commit of which we never heard. Twice
# seen, they are nobody's; once, they may be about to begin.
_suspects: set[UUID] = set()


async def beat(*, works: bool) -> None:
    """Our own sign of life, once a second. It waits for nothing but Postgres."""
    while True:
        with suppress(Unavailable):  # the journal and the doorbell say it in the log
            await _beat(works)
            _patience.beat()
        await asyncio.sleep(BEAT_SECONDS)


async def keep_reaping() -> None:
    """A look for those who give no sign, once a second."""
    while True:
        await asyncio.sleep(BEAT_SECONDS)
        if _patience.is_over():
            with suppress(Unavailable):
                await reap()


class Patience:
    """How long nobody is called dead: after our own silence, and when we have only just come."""

    def __init__(self) -> None:
        self._last = time.monotonic()
        self._until = self._last + NEWBORN_SECONDS

    def beat(self) -> None:
        now = time.monotonic()
        if now - self._last > SILENCE_SECONDS:
            self._until = now + GRACE_SECONDS
        self._last = now

    def is_over(self) -> bool:
        now = time.monotonic()
        return now >= self._until and now - self._last <= SILENCE_SECONDS


_patience = Patience()


async def _beat(works: bool) -> None:
    """A Postgres that is slow to answer is away for whoever asks; a query is not broken off for it."""
    sign = journal.beat(str(BOOT), start.HOST, os.getpid(), works)
    beating = asyncio.create_task(sign)
    try:
        await asyncio.wait({beating}, timeout=ANSWER_SECONDS)
        db.away(not beating.done())
        await beating
        db.away(False)
        start.known()
    except Unavailable:
        # Where only connections are scarce the doorbell has one, and whoever asks may get one too.
        db.away(not doorbell.is_listening())
        raise
    finally:
        beating.cancel()


async def reap() -> None:
    asked_at = time.monotonic()
    found = await in_db(orphans)()
    if time.monotonic() - asked_at > BEAT_SECONDS:
        return  # Postgres took its time: signs of the others may be on their way as well
    strange = {run.pk for run in found if run.boot == BOOT and executor.live(run.pk) is None}
    for run in found:
        if run.boot == BOOT and run.pk not in strange & _suspects:
            continue
        if await in_db(finish.seal_orphan)(run):
            log.warning("run %s: its process is gone; interrupted", run.pk)
            moderation_watch.after(run.message_id)
            judging.after(run.pk)
    _suspects.clear()
    _suspects.update(strange)
    if not budgets.surely_none():
        await in_db(spending.lapse)(DEAD_SECONDS)


def orphans() -> list[Run]:
    """Runs that nobody may be executing: their owner gave no sign for DEAD_SECONDS, or is us."""
    dead_line = Now() - timedelta(seconds=DEAD_SECONDS)
    alive = Boot.objects.filter(pk=OuterRef("boot"), beat_at__gt=dead_line)
    owned = Run.objects.filter(status__in=LIVE, boot__isnull=False, created_at__lt=dead_line)
    return list(owned.filter(~Exists(alive) | Q(boot=BOOT)))


def workers_alive() -> bool:
    """Whether any process takes runs that wait."""
    dead_line = Now() - timedelta(seconds=DEAD_SECONDS)
    return Boot.objects.filter(works=True, beat_at__gt=dead_line).exists()


def sign_off(boot: UUID = BOOT) -> None:
    """This process ends in order: nobody has to wait for its silence."""
    Boot.objects.filter(pk=boot).delete()
    Boot.objects.filter(beat_at__lt=Now() - timedelta(days=1)).delete()
