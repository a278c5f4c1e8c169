"""What a process that serves people keeps running beside its requests, and how it leaves."""

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any

from conversations import db
from conversations.db import in_db
from conversations.errors import Unavailable
from conversations.events import doorbell, feed, schema
from conversations.ids import parsed
from conversations.models import Conversation
from conversations.models.conversation import Status
from conversations.provider import choose
from conversations.reading.objects import conversation_object
from conversations.runs import executor, reaper, recorder

log = logging.getLogger(__name__)

_tasks: list[asyncio.Task[None]] = []


def ensure_started() -> None:
    """Start the doorbell, the journal and the heartbeat of this process, once. On its event loop."""
    if not _tasks:
        _tasks.extend(
            asyncio.create_task(_for_ever(work), name=work.__name__)
            for work in (_listen, recorder.keep_journal, reaper.beat_and_reap)
        )
        _tasks.append(asyncio.create_task(asyncio.to_thread(choose.warm_up)))


async def leave(seconds: float) -> None:
    """Let running answers finish for at most `seconds`, write down the rest, end what was started."""
    await executor.drain(seconds)
    for task in _tasks:
        task.cancel()
    await asyncio.gather(*_tasks, return_exceptions=True)
    try:
        await in_db(reaper.sign_off)()
    except Unavailable:
        log.warning("could not sign off: the database is away")
    await db.close_hot_pool()


async def _listen() -> None:
    await doorbell.listen(hear)


async def _for_ever(work: Any) -> None:
    """A bug in one of these must not silence it for the rest of the process's life."""
    while True:
        try:
            await work()
        except Exception:
            log.exception("%s failed; it starts again", work.__name__)
        await asyncio.sleep(1)


async def hear(news: doorbell.News) -> None:
    """News of any process, ours too. Empty: some may have been missed."""
    try:
        await _hear(news)
    except Unavailable:
        log.warning("news %s could not be looked up: the database is away", sorted(news))


def _hear(news: doorbell.News) -> Coroutine[Any, Any, None]:
    if "user" in news:
        return _look_again(news["user"])
    if "stop" in news:
        return _stop(news["stop"])
    if "deleted" in news:
        return _deleted(news["deleted"], news.get("owner", ""))
    if "conversation" in news:
        return _updated(news["conversation"], news.get("owner", ""))
    return _missed()


async def _missed() -> None:
    for listener in feed.everybody():
        listener.look_again()


async def _look_again(user: str) -> None:
    for listener in feed.sockets_of(user):
        listener.look_again()


async def _stop(run: str) -> None:
    found = parsed(run)
    if found:
        await executor.end(found, Status.STOPPED)


async def _deleted(conversation: str, owner: str) -> None:
    feed.tell_user(owner, schema.conversation_deleted(conversation))


async def _updated(conversation: str, owner: str) -> None:
    if not feed.sockets_of(owner):
        return
    found = await in_db(Conversation.objects.filter(pk=conversation).first)()
    if found is not None:
        feed.tell_user(owner, schema.conversation_updated(conversation_object(found)))
