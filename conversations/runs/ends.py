"""Waiting for the end of a run, wherever it is executed."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from uuid import UUID
from weakref import WeakValueDictionary

from conversations.db import in_db
from conversations.models import Run
from conversations.models.conversation import LIVE
from conversations.runs import executor

# The doorbell says when a run has ended; should a ring be lost, we look.
LOOK_SECONDS = 1.0

_rung: WeakValueDictionary[UUID, asyncio.Event] = WeakValueDictionary()


def heard(run: UUID) -> None:
    """The doorbell says that `run` has ended."""
    if bell := _rung.get(run):
        bell.set()


async def ended(run: UUID, still: Callable[[], None] = lambda: None) -> None:
    """Until the end of `run` is in Postgres. `still` is asked at every look and may raise."""
    await executor.wait(run)
    bell = _rung.setdefault(run, asyncio.Event())
    while await in_db(_is_live)(run):
        still()
        with suppress(TimeoutError):
            async with asyncio.timeout(LOOK_SECONDS):
                await bell.wait()


def _is_live(run: UUID) -> bool:
    return Run.objects.filter(pk=run, status__in=LIVE).exists()
