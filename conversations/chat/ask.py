"""Asking, from any door of this process: write it down, tell who looks on, begin to answer."""

import asyncio
from collections.abc import Callable

from conversations.chat import send
from conversations.chat.questions import Question
from conversations.chat.send import Sent
from conversations.db import in_db
from conversations.events import feed, schema
from conversations.models import User
from conversations.runs import executor

_asking: set[asyncio.Task[Sent]] = set()


def nobody(sent: Sent) -> feed.Listener | None:
    """For doors that have no socket to answer on."""
    return None


async def ask(
    user: User,
    question: Question,
    key: str,
    answered: Callable[[Sent], feed.Listener | None] = nobody,
) -> Sent:
    """Send `question`. `answered` gives the ack to the one who asked, before anybody hears of it.

    Once it is in Postgres its run begins, whatever becomes of the socket or request that asked.
    """
    executor.refuse_while_draining()
    task = asyncio.create_task(_ask(user, question, key, answered))
    _asking.add(task)
    task.add_done_callback(_asking.discard)
    return await asyncio.shield(task)


async def _ask(
    user: User, question: Question, key: str, answered: Callable[[Sent], feed.Listener | None]
) -> Sent:
    sent = await in_db(send.question)(user, question, key)
    asker = answered(sent)
    if sent.run is not None:
        for message in (sent.ack["user_message"], sent.ack["message"]):
            feed.tell_followers(sent.conversation, schema.message_created(message), but=asker)
        executor.start(sent.run, sent.ack["message"], sent.ack["conversation"])
    return sent
