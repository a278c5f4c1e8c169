"""What a socket is told that opens a conversation while things are said there."""

import asyncio
from collections.abc import Iterable
from typing import Any, cast

import pytest

from conversations.events import feed, schema
from conversations.live.joining import Joining

RUN = "0192f3c1-0000-7000-8000-000000000001"
TALK = "0192f3c1-0000-7000-8000-0000000000aa"
BEGINS = schema.run_started({"id": RUN, "model": "a"}, {"id": "m"}, {"id": TALK})
GROWS = schema.run_delta(RUN, 0, "Good morning")
ENDS = schema.run_finished(RUN, {"id": "m", "status": "complete"}, 12)


class Socket:
    def __init__(self) -> None:
        self.following: dict[str, set[str]] = {}
        self.heard: list[str] = []

    def put(self, frame: str) -> None:
        self.heard.append(frame)

    def follow(self, conversation: str, runs: Iterable[str] = ()) -> None:
        self.following[conversation] = set(runs)

    def unfollow(self, conversation: str) -> None:
        self.following.pop(conversation, None)


async def _told(socket: Socket, *frames: str) -> None:
    async with Joining(cast(Any, socket), TALK):
        for frame in frames:
            feed.tell_followers(TALK, frame)


def told(socket: Socket, *frames: str) -> list[str]:
    asyncio.run(_told(socket, *frames))
    return socket.heard


def test_the_end_of_an_answer_that_nobody_brought_is_not_told() -> None:
    """It had ended when Postgres was asked, and only its last words were still on their way."""
    assert told(Socket(), GROWS, ENDS) == []


def test_an_answer_that_begins_meanwhile_is_told_whole() -> None:
    socket = Socket()
    assert told(socket, BEGINS, GROWS, ENDS) == [BEGINS, GROWS, ENDS]
    assert socket.following == {TALK: {RUN}}


def test_who_had_it_open_before_goes_on_hearing() -> None:
    socket = Socket()
    socket.following[TALK] = {RUN}
    assert told(socket, GROWS, ENDS) == [GROWS, ENDS]


@pytest.mark.parametrize("frame", [schema.message_created({"id": "m"}), schema.pong("1")])
def test_what_is_of_no_run_is_told(frame: str) -> None:
    assert told(Socket(), frame) == [frame]
