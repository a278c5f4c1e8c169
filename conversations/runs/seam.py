"""Where a continuation meets what was there: its first pieces wait until they are known to be new."""

import asyncio
from collections.abc import Callable
from dataclasses import replace

from conversations.provider.interface import Piece
from conversations.runs.overlap import Overlap

# A reader who sees nothing for longer would rather see something twice.
PATIENCE_SECONDS = 1.5


class Seam:
    """Hands pieces on to `note`, without what they repeat of `before`."""

    def __init__(self, before: str, note: Callable[[Piece], None]) -> None:
        self._overlap = Overlap(before)
        self._note = note
        self._timer: asyncio.TimerHandle | None = None

    def take(self, piece: Piece) -> None:
        if self._overlap.decided:
            self._note(piece)
            return
        fresh = replace(piece, text=self._overlap.take(piece.text))
        if piece.text and self._timer is None:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(PATIENCE_SECONDS, self.end)
        if fresh != Piece():
            self._note(fresh)

    def end(self) -> None:
        """No more will come, or it takes too long: what was held back is handed on."""
        if self._timer is not None:
            self._timer.cancel()
        text = self._overlap.rest()
        if text:
            self._note(Piece(text=text))
