"""Taking runs that wait: in `manage.py run_worker`, so that a deploy of the web ends nobody's answer."""

import asyncio
from contextlib import suppress

from django.utils import timezone

from conversations.db import in_db
from conversations.errors import Unavailable
from conversations.events import doorbell
from conversations.models import Run
from conversations.models.conversation import Status
from conversations.runs import executor
from conversations.runs.start import BOOT, sign_on

# Answers at once in one worker. They wait for their providers most of the time.
RUNS_AT_ONCE = 200
# Several workers that hear of many runs share them out instead of the first one taking all.
TAKE_AT_ONCE = 4
# A ring may be missed while the doorbell is down.
LOOK_SECONDS = 1.0

_ring = asyncio.Event()


def wake() -> None:
    """A run may be waiting."""
    _ring.set()


async def take_runs() -> None:
    """Claim what waits and begin to execute it, until cancelled or told to leave."""
    while True:
        while await _take():
            pass
        with suppress(TimeoutError):
            async with asyncio.timeout(LOOK_SECONDS):
                await _ring.wait()
        _ring.clear()


async def _take() -> bool:
    """Whether there may be more."""
    room = min(RUNS_AT_ONCE - executor.count(), TAKE_AT_ONCE)
    if room <= 0:
        return False
    try:
        with executor.beginning():
            runs = await in_db(claim)(room)
            for run in runs:
                executor.start(run)
    except Unavailable:  # Postgres is away, or we are on our way out: the runs wait on
        return False
    return len(runs) == room


def claim(most: int) -> list[Run]:
    """Runs that waited and are ours now. What others are claiming at this moment is passed over."""
    waiting = Run.objects.filter(status=Status.WAITING).order_by("created_at")
    runs = list(waiting.select_for_update(skip_locked=True)[:most])
    if runs:
        sign_on(works=True)
    for run in runs:
        run.status, run.boot, run.started_at = Status.RUNNING, BOOT, timezone.now()
        run.save(update_fields=["status", "boot", "started_at"])
    if runs:
        doorbell.ring({"grew": [str(run.pk) for run in runs], "by": str(BOOT)})
    return runs
