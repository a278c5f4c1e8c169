"""A run that is under way in this process: its pieces go to listeners at once, to the journal soon."""

import asyncio
import logging
from datetime import datetime

import psycopg
from django.utils import timezone
from psycopg_pool import PoolTimeout

from conversations.events import feed, journal, schema
from conversations.models import RunEvent
from conversations.provider.interface import Piece
from conversations.runs.start import Ticket

log = logging.getLogger(__name__)

# One row a token would be some 80 writes a second for each run.
JOURNAL_SECONDS = 0.250

TEXT = RunEvent.Kind.TEXT.value
REASONING = RunEvent.Kind.REASONING.value


class Strand:
    """Text that grows: all of it for who comes late, and what the journal does not have yet."""

    def __init__(self, begin: int) -> None:
        self.begin = begin
        self.length = begin
        self._pieces: list[str] = []
        self._kept = begin
        self._unkept: list[str] = []

    def add(self, text: str) -> int:
        """Where `text` belongs."""
        at = self.length
        self._pieces.append(text)
        self._unkept.append(text)
        self.length += len(text)
        return at

    @property
    def text(self) -> str:
        if len(self._pieces) > 1:
            self._pieces = ["".join(self._pieces)]
        return self._pieces[0] if self._pieces else ""

    def after(self, at: int) -> tuple[int, str]:
        """What stands from position `at` on, or from our beginning when that is later."""
        at = min(max(at, self.begin), self.length)
        return at, self.text[at - self.begin :]

    def take_unkept(self) -> tuple[int, str]:
        at, text = self._kept, "".join(self._unkept)
        self._kept += len(text)
        self._unkept = []
        return at, text

    def put_back(self, at: int, text: str) -> None:
        self._kept = at
        self._unkept.insert(0, text)


class LiveRun:
    """The one owner of a run's answer while it grows. Everything here happens on the event loop."""

    def __init__(self, ticket: Ticket) -> None:
        self.ticket = ticket
        self.id = str(ticket.run)
        self.conversation = str(ticket.conversation)
        self.text = Strand(ticket.text_before)
        self.reasoning = Strand(ticket.reasoning_before)
        self.first_token_at: datetime | None = None
        self.muted = False  # after its end was decided nothing is added

    def note(self, piece: Piece) -> None:
        if self.muted:
            return
        if piece.reasoning:
            at = self.reasoning.add(piece.reasoning)
            self._tell(schema.run_reasoning(self.id, at, piece.reasoning))
        if piece.text:
            at = self.text.add(piece.text)
            self._tell(schema.run_delta(self.id, at, piece.text))

    def _tell(self, frame: str) -> None:
        if self.first_token_at is None:
            self.first_token_at = timezone.now()
        feed.tell_followers(self.conversation, frame)
        _to_journal.add(self)

    def wait_told(self, reason: str, attempt: int, seconds: float) -> None:
        frame = schema.run_waiting(self.id, reason, attempt, round(seconds, 2))
        feed.tell_followers(self.conversation, frame)

    def catch_up(self, have_text: int, have_reasoning: int) -> list[str]:
        """The frames that bring somebody who holds so much up to now."""
        frames = []
        at, text = self.reasoning.after(have_reasoning)
        if text:
            frames.append(schema.run_reasoning(self.id, at, text))
        at, text = self.text.after(have_text)
        if text:
            frames.append(schema.run_delta(self.id, at, text))
        return frames

    def unkept(self) -> list[tuple[Strand, journal.Entry]]:
        strands = ((TEXT, self.text), (REASONING, self.reasoning))
        taken = [(strand, kind, *strand.take_unkept()) for kind, strand in strands]
        return [
            (strand, journal.Entry(self.id, kind, at, text))
            for strand, kind, at, text in taken
            if text
        ]


_to_journal: set[LiveRun] = set()
_writing: asyncio.Lock | None = None


def _lock() -> asyncio.Lock:
    global _writing  # noqa: PLW0603 made on the loop that uses it
    if _writing is None:
        _writing = asyncio.Lock()
    return _writing


async def keep_journal() -> None:
    """Write what came, four times a second, for as long as the process lives."""
    while True:
        await asyncio.sleep(JOURNAL_SECONDS)
        if _to_journal:
            await flush()


async def flush() -> None:
    """One insert for all runs. When Postgres is away the pieces wait in memory for the next time."""
    async with _lock():
        runs = list(_to_journal)
        _to_journal.clear()
        entries = [entry for run in runs for entry in run.unkept()]
        if not entries:
            return
        try:
            await journal.write([entry for _, entry in entries])
        except (psycopg.Error, PoolTimeout, OSError) as problem:
            log.warning("journal: %s entries wait (%s)", len(entries), type(problem).__name__)
            for strand, entry in reversed(entries):
                strand.put_back(entry.at, entry.text)
            _to_journal.update(runs)


async def forget(run: LiveRun) -> None:
    """No journal row of this run will be written after this returns: it can be sealed."""
    run.muted = True
    async with _lock():
        _to_journal.discard(run)
