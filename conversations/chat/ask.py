"""Asking, from any door of this process: write it down, tell who looks on, begin to answer."""

import asyncio
from collections.abc import Callable
from contextlib import suppress

from conversations.chat.gate import Sent
from conversations.db import in_db
from conversations.errors import Unavailable
from conversations.events import feed, schema
from conversations.models import Run, User
from conversations.models.conversation import Status
from conversations.reading.objects import run_object
from conversations.runs import executor, mirror

_asking: set[asyncio.Task[Sent]] = set()


def nobody(sent: Sent) -> feed.Listener | None:
    """For doors that have no socket to answer on."""
    return None


async def ask(
    user: User,
    work: Callable[[], Sent],
    answered: Callable[[Sent], feed.Listener | None] = nobody,
) -> Sent:
    """Do `work`, one of the transactions that begin a run: a send, an edit, another try.

    `answered` gives the ack to the one who asked, before anybody hears of it. Once it is in
    Postgres its run begins, whatever becomes of the socket or request that asked.
    """
    task = asyncio.create_task(_ask(user, work, answered))
    _asking.add(task)
    task.add_done_callback(_asking.discard)
    return await asyncio.shield(task)


async def _ask(
    user: User, work: Callable[[], Sent], answered: Callable[[Sent], feed.Listener | None]
) -> Sent:
    with executor.beginning():
        sent = await in_db(work)()
        asker = answered(sent)
        for message in sent.created:
            feed.tell_followers(sent.conversation, schema.message_created(message), but=asker)
        if sent.run is not None:
            await _begin(sent, sent.run)
            updated = schema.conversation_updated(sent.ack["conversation"])
            feed.tell_user(str(user.pk), updated)
            begun = schema.conversation_answering(sent.conversation, answering=True)
            feed.tell_user(str(user.pk), begun)
    return sent


async def _begin(sent: Sent, run: Run) -> None:
    """Answer it here, or look on at the worker that will."""
    if run.status == Status.RUNNING:
        objects = sent.ack["message"], sent.ack["conversation"]
        begun = schema.run_started(run_object(run), *objects)
        executor.start(run, begun, sent.script, sent.reserved)
        return
    with suppress(Unavailable):  # it is asked, and the doorbell says when it goes on
        await mirror.watch(run, announced=True)
