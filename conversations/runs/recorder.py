"""A run that is under way in this process: its pieces go to listeners at once, to the journal soon."""

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from typing import Any

from django.utils import timezone

from conversations.errors import Unavailable
from conversations.events import journal, schema
from conversations.models import RunEvent
from conversations.provider.interface import Piece
from conversations.runs import sleep
from conversations.runs.growth import Growth
from conversations.runs.purse import Purse
from conversations.runs.start import BOOT, Ticket
from conversations.tasks import keep

log = logging.getLogger(__name__)

# One row a token would be some 80 writes a second for each run.
JOURNAL_SECONDS = 0.250

TEXT = RunEvent.Kind.TEXT.value
REASONING = RunEvent.Kind.REASONING.value


class LiveRun(Growth):
    """The one owner of a run's answer while it grows. Everything here happens on the event loop."""

    def __init__(self, ticket: Ticket) -> None:
        super().__init__(ticket)
        self.ticket = ticket
        self.first_token_at: datetime | None = None
        self.purse = Purse(ticket)
        self.muted = False  # after its end was decided nothing is added
        # Called once, with the first piece.
        self.when_it_begins: Callable[[], None] | None = None
        self._kept = {TEXT: ticket.text_before, REASONING: ticket.reasoning_before}
        self._untold: list[Piece] = []

    def note(self, piece: Piece) -> None:
        if self.muted:
            return
        if sleep.is_in_doubt():
            self._untold.append(piece)
            return
        if piece.reasoning:
            self.think(piece.reasoning)
        if piece.text:
            self.grow(piece.text)
        if self.first_token_at is None and (piece.text or piece.reasoning):
            self.first_token_at = timezone.now()
            _first_pieces.set()
            if self.when_it_begins:
                self.when_it_begins()
        _to_journal.add(self)

    def go_on(self) -> None:
        """It is still ours: what came while that was in doubt is told."""
        untold, self._untold = self._untold, []
        for piece in untold:
            self.note(piece)

    def wait_told(
        self, attempt: int, reason: str, seconds: float, other: dict[str, str] | None = None
    ) -> None:
        """This attempt has to wait; other processes are told as well."""
        seconds = round(seconds, 2)
        self.waits(schema.run_waiting(self.id, reason, attempt, seconds, other))
        news = {"retry": self.id, "reason": reason, "attempt": attempt, "retry_in": seconds}
        keep(_ring({**news, "other": other}))

    def unkept(self) -> list[journal.Entry]:
        """What the journal does not have yet."""
        strands = ((TEXT, self.text), (REASONING, self.reasoning))
        pieces = ((kind, *strand.after(self._kept[kind])) for kind, strand in strands)
        return [journal.Entry(self.id, kind, at, text) for kind, at, text in pieces if text]

    def kept(self, entry: journal.Entry) -> None:
        self._kept[entry.kind] = entry.at + len(entry.text)


async def _ring(news: dict[str, Any]) -> None:
    with suppress(Unavailable):  # a hint: the retry itself does not depend on it
        await journal.ring(news)


_to_journal: set[LiveRun] = set()
_first_pieces = asyncio.Event()
_writing = asyncio.Lock()
_in_time = True


async def keep_journal(lost: Callable[[LiveRun], None], *, hurry: bool) -> None:
    """Write what came, four times a second, for as long as the process lives.

    `lost` is told of runs that others have ended meanwhile. With `hurry`, in a worker, whose readers
    are all elsewhere, the first piece of an answer does not wait for the next time.
    """
    while True:
        await _pause(hurry)
        _first_pieces.clear()
        if _to_journal:
            for run in await flush():
                lost(run)


async def _pause(hurry: bool) -> None:
    if not hurry:
        await asyncio.sleep(JOURNAL_SECONDS)
        return
    with suppress(TimeoutError):
        async with asyncio.timeout(JOURNAL_SECONDS):
            await _first_pieces.wait()


async def flush() -> list[LiveRun]:
    """One statement for all runs; those that are no longer ours to write.

    When Postgres is away the pieces wait in memory for the next time.
    """
    global _in_time  # noqa: PLW0603
    async with _writing:
        runs = {run.id: run for run in _to_journal}
        _to_journal.clear()
        entries = [entry for run in runs.values() for entry in run.unkept()]
        if not entries:
            return []
        try:
            ours = await journal.write(entries, str(BOOT))
        except Unavailable:
            if _in_time:  # once an outage
                log.warning("journal: %s entries wait, the database is away", len(entries))
            _in_time = False
            _to_journal.update(run for run in runs.values() if not run.muted)
            return []
        _in_time = True
        for entry in entries:
            runs[entry.run].kept(entry)
        return [runs[id] for id in {entry.run for entry in entries} - ours]


async def forget(run: LiveRun) -> None:
    """No journal row of this run will be written after this returns: it can be sealed."""
    run.muted = True
    async with _writing:
        _to_journal.discard(run)
