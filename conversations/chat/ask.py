"""Asking, from any door of this process: write it down, tell who looks on, begin to answer."""

import asyncio
from collections.abc import Callable

from conversations.chat.gate import Sent
from conversations.db import in_db
from conversations.events import feed, schema
from conversations.runs import executor

_asking: set[asyncio.Task[Sent]] = set()


def nobody(sent: Sent) -> feed.Listener | None:
    """For doors that have no socket to answer on."""
    return None


async def ask(
    work: Callable[[], Sent],
    answered: Callable[[Sent], feed.Listener | None] = nobody,
) -> Sent:
    """Do `work`, one of the transactions that begin a run: a send, an edit, another try.

    `answered` gives the ack to the one who asked, before anybody hears of it. Once it is in
    Postgres its run begins, whatever becomes of the socket or request that asked.
    """
    executor.refuse_while_draining()
    task = asyncio.create_task(_ask(work, answered))
    _asking.add(task)
    task.add_done_callback(_asking.discard)
    return await asyncio.shield(task)


async def _ask(work: Callable[[], Sent], answered: Callable[[Sent], feed.Listener | None]) -> Sent:
    sent = await in_db(work)()
    asker = answered(sent)
    for message in sent.created:
        feed.tell_followers(sent.conversation, schema.message_created(message), but=asker)
    if sent.run is not None:
        executor.start(sent.run, sent.ack["message"], sent.ack["conversation"])
    return sent
