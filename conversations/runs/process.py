"""What a process keeps running beside its requests or its runs, and how it leaves."""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any

from django.conf import settings

from conversations import db, tasks
from conversations.db import in_db
from conversations.errors import Unavailable
from conversations.events import doorbell
from conversations.provider.tokens import counting
from conversations.runs import (
    executor,
    judging,
    lag,
    library,
    limits_watch,
    looking,
    mirror,
    moderation_watch,
    news,
    offers,
    reaper,
    recorder,
    site_watch,
    sleep,
    summarising,
    sweep,
    titles,
    worker,
)

log = logging.getLogger(__name__)

Work = Callable[[], Coroutine[Any, Any, None]]

# A ring that was missed, or a run that was reaped: looked for so often, while somebody looks on.
LOOK_SECONDS = 2.0
# A query to a Postgres that is away cannot be broken off; we do not wait for it for ever.
END_SECONDS = 2.0

_tasks: list[asyncio.Task[None]] = []


def ensure_started(*, works: bool = False) -> None:
    """Start the doorbell, the journal and the heartbeat of this process, once. On its event loop.

    `works`: this is a worker, which takes runs that wait.
    """
    if _tasks:
        return
    sleep.tick()
    parts: dict[str, Work] = {
        "doorbell": partial(doorbell.listen, news.hear),
        "journal": partial(recorder.keep_journal, executor.lost, hurry=works),
        "news": news.look_up,
        "heartbeat": partial(reaper.beat, works=works),
        "reaper": reaper.keep_reaping,
        "mirrors": _look,
        "sweep": sweep.keep_sweeping,
        "library": library.keep_findable,
        "offers": partial(offers.keep_looking, asks=works or settings.RUNS == "here"),
        "site": partial(looking.keep_looking, site_watch.look, "settings of the site"),
        "moderation": partial(looking.keep_looking, moderation_watch.look, "patterns"),
        "limits": partial(looking.keep_looking, limits_watch.look, "rate limits"),
        "sleep": executor.look_after_sleep,
        "lag": lag.keep_looking,
        **tasks.for_ever,
    }
    if works:
        parts["claims"] = worker.take_runs
    _tasks.extend(asyncio.create_task(_for_ever(name, part)) for name, part in parts.items())


async def leave(seconds: float) -> None:
    """Let running answers finish for at most `seconds`, write down the rest, end what was started."""
    await executor.drain(seconds)
    await judging.leave()
    await titles.leave()
    await summarising.leave()
    counting.leave()
    for task in _tasks:
        task.cancel()
    await asyncio.wait(_tasks, timeout=END_SECONDS)
    try:
        await in_db(reaper.sign_off)()
    except Unavailable:
        log.warning("could not sign off: the database is away")
    await db.close_hot_pool()


async def _look() -> None:
    while True:
        await asyncio.sleep(LOOK_SECONDS)
        await mirror.look()


async def _for_ever(name: str, work: Work) -> None:
    """A bug in one of these must not silence it for the rest of the process's life."""
    while True:
        try:
            await work()
        except Exception:
            log.exception("%s failed; it starts again", name)
        await asyncio.sleep(1)
