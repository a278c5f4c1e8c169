"""Work that goes on beside what started it: held, so that it is not collected, and heard when it fails."""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Any

log = logging.getLogger(__name__)

# What each process does for as long as it lives beside what its runs need, by name: features above those add
# their own when the app is made ready (apps.py).
for_ever: dict[str, Callable[[], Coroutine[Any, Any, None]]] = {}

_kept: set[asyncio.Task[Any]] = set()


def keep(work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
    task = asyncio.get_running_loop().create_task(work)
    _kept.add(task)
    task.add_done_callback(_ended)
    return task


def _ended(task: asyncio.Task[Any]) -> None:
    _kept.discard(task)
    if not task.cancelled() and (problem := task.exception()):
        log.error("%s failed", task.get_coro().__qualname__, exc_info=problem)  # type: ignore[union-attr]
