"""Frames on their way to one socket: in order, without anybody waiting for the network.

What the network does not take waits here, counted. A reader that lets too much wait is given up:
the run goes on without it, and what it missed is read again when it comes back.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Protocol

# PROTOCOL.md: from here on the socket is closed with 4408.
UNSENT_BYTES = 4 * 1024 * 1024
# Who brings a long answer up to date puts no more than this ahead of the reader.
DRAINED_BYTES = 256 * 1024


class Wire(Protocol):
    """The way out. Our own server puts one into the ASGI scope as `chatsite.wire`."""

    def attach(self, go_on: Callable[[], None]) -> None:
        """Have `go_on` called whenever frames are taken again."""

    def write(self, frame: str) -> bool:
        """Whether the frame was taken."""

    def give_up(self, code: int) -> None:
        """Close on a reader that does not read; should it come late, it still reads why."""

    def shut_out(self, code: int) -> None:
        """Close without taking another byte."""


def size_of(frame: str) -> int:
    return len(frame) if frame.isascii() else len(frame.encode("utf-8", "replace"))


class Outbox:
    def __init__(self, wire: Wire, overflow: Callable[[], None]) -> None:
        self._wire = wire
        self._overflow = overflow
        self._waiting: deque[tuple[str, int]] = deque()
        self._bytes = 0
        self._drained = asyncio.Event()
        self._drained.set()
        self._closed = False
        wire.attach(self._go_on)

    def put(self, frame: str) -> None:
        if self._closed:
            return
        if self._waiting or not self._wire.write(frame):
            self._wait(frame)

    async def drained(self) -> bool:
        """Return when little waits; False when nobody reads any more."""
        await self._drained.wait()
        return not self._closed

    def close(self) -> None:
        """Nothing more is sent; what waits is dropped."""
        self._closed = True
        self._waiting.clear()
        self._bytes = 0
        self._drained.set()

    def _wait(self, frame: str) -> None:
        """Judged by what waited before: no single frame is too large for a reader that reads."""
        if self._bytes > UNSENT_BYTES:
            self.close()
            self._overflow()
            return
        size = size_of(frame)
        self._waiting.append((frame, size))
        self._bytes += size
        if self._bytes > DRAINED_BYTES:
            self._drained.clear()

    def _go_on(self) -> None:
        while self._waiting and self._wire.write(self._waiting[0][0]):
            self._bytes -= self._waiting.popleft()[1]
        if self._bytes <= DRAINED_BYTES:
            self._drained.set()
