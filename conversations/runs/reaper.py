"""Runs whose process is gone are told so: interrupted, their text kept."""

import asyncio
import logging
import os
import socket
from datetime import timedelta
from uuid import UUID

import psycopg
from django.db.models import Exists, OuterRef
from django.db.models.functions import Now
from psycopg_pool import PoolTimeout

from conversations.db import in_db
from conversations.errors import Unavailable
from conversations.events import feed, journal, schema
from conversations.models import Boot, Run
from conversations.models.conversation import LIVE
from conversations.runs import executor, finish
from conversations.runs.start import BOOT

log = logging.getLogger(__name__)

BEAT_SECONDS = 1.0
# Dead is who has not given a sign for so long (ARCHITECTURE.md, decision 3) …
DEAD_SECONDS = 4.0
# … but while Postgres was away nobody could give one.
GRACE_SECONDS = 5.0


async def beat_and_reap() -> None:
    """Our own sign of life, and a look for those who give none, once a second."""
    loop = asyncio.get_running_loop()
    patient_until = 0.0
    while True:
        try:
            await journal.beat(str(BOOT), socket.gethostname()[:200], os.getpid())
            if loop.time() >= patient_until:
                await reap()
        except (psycopg.Error, PoolTimeout, OSError, Unavailable):
            patient_until = loop.time() + GRACE_SECONDS
        await asyncio.sleep(BEAT_SECONDS)


async def reap() -> None:
    for run in await in_db(orphans)():
        if executor.live(run.pk) is None and await in_db(finish.seal_orphan)(run):
            log.warning("run %s: its process is gone; interrupted", run.pk)
            await _tell(run)


def orphans() -> list[Run]:
    """Runs that nobody executes: their owner gave no sign for DEAD_SECONDS."""
    dead_line = Now() - timedelta(seconds=DEAD_SECONDS)
    alive = Boot.objects.filter(pk=OuterRef("boot"), beat_at__gt=dead_line)
    owned = Run.objects.filter(status__in=LIVE, boot__isnull=False, created_at__lt=dead_line)
    return list(owned.filter(~Exists(alive)).select_related("conversation"))


async def _tell(run: Run) -> None:
    if feed.is_followed(str(run.conversation_id)):
        message = await in_db(finish.finished_object)(run)
        frame = schema.run_finished(str(run.pk), message, len(message["text"]))
        feed.tell_followers(str(run.conversation_id), frame)


def sign_off(boot: UUID = BOOT) -> None:
    """This process ends in order: nobody has to wait for its silence."""
    Boot.objects.filter(pk=boot).delete()
    Boot.objects.filter(beat_at__lt=Now() - timedelta(days=1)).delete()
