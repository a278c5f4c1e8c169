"""Which feature answers which command."""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import TYPE_CHECKING
from uuid import UUID

from conversations.chat import branches, send
from conversations.chat.ask import ask
from conversations.chat.gate import Sent
from conversations.chat.history import opened
from conversations.db import in_db
from conversations.events import feed, schema
from conversations.ids import parsed
from conversations.live import visitor
from conversations.live.commands import (
    Close,
    Command,
    Continue,
    Edit,
    Open,
    Ping,
    Regenerate,
    Send,
    Stop,
)
from conversations.live.joining import Joining
from conversations.reading.objects import conversation_object, run_object
from conversations.runs import stop
from conversations.runs.growth import NOTHING, Held

if TYPE_CHECKING:
    from conversations.live.consumer import Consumer


Asking = Callable[[Callable[[Sent], feed.Listener]], Awaitable[Sent]]


async def answer(socket: "Consumer", asked: Command) -> None:
    """Answer one command with its ack. Raises a Refusal, which the caller sends as the error."""
    here = visitor.address(socket.scope)
    match asked:
        case Ping():
            socket.put(schema.pong(asked.id))
        case Send():
            work = partial(send.question, socket.user, asked.question(), asked.id, address=here)
            await _begin(socket, asked.id, partial(ask, socket.user, work))
        case Edit():
            edit = partial(
                branches.edit_whatever_runs, socket.user, asked.wish(), asked.id, address=here
            )
            await _begin(socket, asked.id, edit)
        case Regenerate():
            work = partial(branches.regenerate, socket.user, asked.wish(), asked.id, address=here)
            await _begin(socket, asked.id, partial(ask, socket.user, work))
        case Continue():
            work = partial(branches.go_on, socket.user, asked.wish(), asked.id, address=here)
            await _begin(socket, asked.id, partial(ask, socket.user, work))
        case Open():
            await _open(socket, asked)
        case Close():
            socket.unfollow(str(parsed(asked.conversation)))
            socket.put(schema.ack(asked.id, {}))
        case Stop():
            await stop.stop(socket.user, asked.run)
            socket.put(schema.ack(asked.id, {}))


async def _begin(socket: "Consumer", id: str, asking: Asking) -> None:
    """Ask, and give the ack to the one who asked, who follows the conversation from then on."""

    def answered(sent: Sent) -> feed.Listener:
        socket.put(schema.ack(id, sent.ack))
        if sent.run is not None:
            socket.follow(sent.conversation, [str(sent.run.pk)])
        return socket

    sent = await asking(answered)
    run = sent.ack["run"]["id"]
    if sent.run is None and run not in socket.following.get(sent.conversation, ()):
        # It was asked before, perhaps on a line that broke: what has been said since follows.
        await _join(socket, sent.conversation, run)


async def _join(socket: "Consumer", conversation: str, run: str) -> None:
    """Bring `run`, and what else runs there unless this reader hears of it already."""
    heard = socket.following.get(conversation, set())
    async with Joining(socket, conversation) as joining:
        found = await in_db(opened)(socket.user, conversation, [UUID(run)])
        for one in found.runs:
            if str(one.pk) not in heard:
                await joining.bring(one, NOTHING)


async def _open(socket: "Consumer", asked: Open) -> None:
    held = {
        id: Held(have.text, have.reasoning)
        for run, have in asked.have.items()
        if (id := parsed(run))
    }
    async with Joining(socket, str(parsed(asked.conversation))) as joining:
        found = await in_db(opened)(socket.user, asked.conversation, held)
        content = {
            "conversation": conversation_object(found.conversation),
            "runs": [run_object(run) for run in found.live],
        }
        socket.put(schema.ack(asked.id, content))
        for run in found.runs:
            await joining.bring(run, held.get(run.pk, NOTHING))
