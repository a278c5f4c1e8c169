"""Which feature answers which command."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING
from uuid import UUID

from conversations.chat import branches, send
from conversations.chat.ask import ask
from conversations.chat.gate import Sent
from conversations.chat.history import Held, missing_of, opened
from conversations.db import in_db
from conversations.events import feed, schema
from conversations.ids import parsed
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
from conversations.reading.objects import conversation_object, run_object
from conversations.runs import executor, stop

if TYPE_CHECKING:
    from conversations.live.consumer import Consumer


async def answer(socket: "Consumer", asked: Command) -> None:
    """Answer one command with its ack. Raises a Refusal, which the caller sends as the error."""
    match asked:
        case Ping():
            socket.put(schema.pong(asked.id))
        case Send():
            work = partial(send.question, socket.user, asked.question(), asked.id)
            await ask(work, _acking(socket, asked.id))
        case Edit():
            acking = _acking(socket, asked.id)
            await branches.edit_whatever_runs(socket.user, asked.wish(), asked.id, acking)
        case Regenerate():
            work = partial(branches.regenerate, socket.user, asked.wish(), asked.id)
            await ask(work, _acking(socket, asked.id))
        case Continue():
            work = partial(branches.go_on, socket.user, asked.wish(), asked.id)
            await ask(work, _acking(socket, asked.id))
        case Open():
            await _open(socket, asked)
        case Close():
            socket.unfollow(asked.conversation)
            socket.put(schema.ack(asked.id, {}))
        case Stop():
            await stop.stop(socket.user, asked.run)
            socket.put(schema.ack(asked.id, {}))


def _acking(socket: "Consumer", id: str) -> Callable[[Sent], feed.Listener]:
    """Gives the ack to the one who asked, who follows the conversation from now on."""

    def answered(sent: Sent) -> feed.Listener:
        socket.follow(sent.conversation)
        socket.put(schema.ack(id, sent.ack))
        return socket

    return answered


async def _open(socket: "Consumer", asked: Open) -> None:
    """From the ack on, nothing of a live run is missed: memory is read and followed in one step."""
    held = {
        id: Held(have.text, have.reasoning)
        for run, have in asked.have.items()
        if (id := parsed(run))
    }
    found = await in_db(opened)(socket.user, asked.conversation, list(asked.have))
    content = {
        "conversation": conversation_object(found.conversation),
        "runs": [run_object(run) for run in found.live],
    }
    socket.put(schema.ack(asked.id, content))
    socket.follow(str(found.conversation.pk))
    elsewhere = [run.pk for run in found.live if not _caught_up(socket, run.pk, held)]
    for run_id in [*elsewhere, *(run.pk for run in found.ended)]:
        for frame in await in_db(missing_of)(run_id, held.get(run_id, Held())):
            socket.put(frame)


def _caught_up(socket: "Consumer", run: UUID, held: dict[UUID, Held]) -> bool:
    live = executor.live(run)
    if live is None:
        return False
    have = held.get(run, Held())
    for frame in live.catch_up(have.text or 0, have.reasoning or 0):
        socket.put(frame)
    return True
