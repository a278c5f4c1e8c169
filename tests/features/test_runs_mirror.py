"""A mirror of another process's run: whatever the journal's rows look like, its text has no gap."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import orjson
import pytest

from conversations.db import close_hot_pool, in_db
from conversations.events import feed
from conversations.ids import uuid7
from conversations.models import Run, RunEvent
from conversations.models.conversation import Status
from conversations.runs import mirror
from conversations.runs.mirror import Mirror
from tests.features.runs_kit import clear, committed, kept, running

TEXT, REASONING = RunEvent.Kind.TEXT.value, RunEvent.Kind.REASONING.value


def a_mirror() -> Mirror:
    ids = {name: uuid7() for name in ("pk", "conversation_id", "message_id", "user_id")}
    return Mirror(Run(status=Status.RUNNING, **ids), announced=True)


def test_what_is_new_of_a_piece_is_taken_once() -> None:
    held = a_mirror()
    pieces = [(0, "one "), (0, "one "), (2, "e two"), (7, ""), (3, " tw"), (7, " three")]
    assert all(held.take(TEXT, at, text) for at, text in pieces)
    assert held.text.text == "one two three"


@pytest.mark.parametrize("kind", [TEXT, REASONING])
def test_nothing_is_taken_that_has_a_gap_before_it(kind: str) -> None:
    held = a_mirror()
    assert held.take(kind, 0, "one ")
    assert not held.take(kind, 5, "wo")
    strand = held.text if kind == TEXT else held.reasoning
    assert (strand.text, strand.length) == ("one ", 4)


@dataclass(eq=False)
class Reader:
    """Who has the conversation open; it holds what a page would."""

    text: str = ""
    frames: list[dict[str, Any]] = field(default_factory=list)

    def put(self, frame: str) -> None:
        said = orjson.loads(frame)
        self.frames.append(said)
        if said["type"] == "run.delta":
            assert said["at"] == len(self.text), "a gap or an overlap"
            self.text += said["text"]


@pytest.fixture
def run(db: None) -> Iterator[Run]:
    yield committed(lambda: running(uuid7()))
    committed(clear)


def read(run: Run, *parts: list[tuple[int, str]]) -> Reader:
    """What a reader holds who looks on while the journal gets one part of its rows after another."""

    def written(rows: list[tuple[int, str]]) -> None:
        for at, text in rows:
            kept(run, at, text)

    async def look_on() -> None:
        try:
            for part in parts:
                await in_db(written)(part)
                await mirror.watch(run)
        finally:
            mirror.forget(run.pk)
            await close_hot_pool()

    reader, conversation = Reader(), str(run.conversation_id)
    feed.follow(conversation, reader)
    try:
        asyncio.run(asyncio.wait_for(look_on(), 20))
    finally:
        feed.unfollow(conversation, reader)
    return reader


def test_a_journal_that_was_written_twice_is_read_once(run: Run) -> None:
    rows = [(0, "one "), (0, "one two "), (2, "e two three")]
    assert read(run, rows).text == "one two three"


def test_a_gap_sends_the_mirror_back_to_the_beginning(run: Run) -> None:
    """It holds four characters; what brings the next three begins before them, and six are held there."""
    assert read(run, [(0, "one ")], [(0, "one tw"), (6, "o three")]).text == "one two three"


def test_what_follows_a_gap_waits_until_the_gap_is_closed(run: Run) -> None:
    assert read(run, [(0, "one "), (8, "three")]).text == "one "
    assert read(run, [(4, "two ")]).text == "one two three"
