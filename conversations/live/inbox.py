"""Frames that came over one socket: answered one after the other, the hasty ones at once.

`run.stop` and `ping` overtake what waits for Postgres. Everything else is answered in the order in
which it came, bad frames too: whoever counts answers finds them where the questions were.
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Coroutine
from typing import Any

from conversations.live.commands import Command, Ping, Stop, Unreadable

# What may wait for an answer. A page has a handful under way; a program that sends a hundred
# questions with one id in parallel has a hundred.
FRAMES = 500
BYTES = 16 * 1024 * 1024
# A drawer full of tabs that all come back at once is far below this; a loop that sends is not.
BURST_FRAMES, FRAMES_A_SECOND = 2000, 200
# 32 of the largest frames that are still refused in band, and two a second after.
BURST_BYTES, BYTES_A_SECOND = 128 * 1024 * 1024, 8 * 1024 * 1024
# Stops wait for Postgres too: past this many they queue like anything else.
HASTY = 50

Asked = Command | Unreadable
Answer = Callable[[Asked], Coroutine[Any, Any, None]]

_answering: set[asyncio.Task[None]] = set()


class Bucket:
    """So much at once, and so much a second after."""

    def __init__(self, burst: float, a_second: float) -> None:
        self._burst, self._a_second = burst, a_second
        self._left, self._at = float(burst), time.monotonic()

    def take(self, amount: float) -> bool:
        now = time.monotonic()
        self._left = min(self._burst, self._left + (now - self._at) * self._a_second)
        self._at = now
        if self._left < amount:
            return False
        self._left -= amount
        return True


class Inbox:
    def __init__(self, answer: Answer) -> None:
        self._answer = answer
        self._waiting: deque[tuple[Asked, int]] = deque()
        self._bytes = 0
        self._something = asyncio.Event()
        self._hasty: set[asyncio.Task[None]] = set()
        self._frames_left = Bucket(BURST_FRAMES, FRAMES_A_SECOND)
        self._bytes_left = Bucket(BURST_BYTES, BYTES_A_SECOND)
        self._working = False

    def admits(self, size: int) -> bool:
        """False for a flood. To be asked before a frame is looked at."""
        return self._frames_left.take(1) and self._bytes_left.take(size)

    def put(self, asked: Asked, size: int) -> bool:
        """False when more waits than is kept."""
        if self._working and isinstance(asked, Stop | Ping) and len(self._hasty) < HASTY:
            self._answer_at_once(asked)
            return True
        self._waiting.append((asked, size))
        self._bytes += size
        self._something.set()
        return len(self._waiting) <= FRAMES and self._bytes <= BYTES

    def _answer_at_once(self, asked: Asked) -> None:
        """Nobody cancels it: an answer is stopped even if who asked closes the tab at once."""
        task = asyncio.create_task(self._answer(asked))
        self._hasty.add(task)
        _answering.add(task)
        task.add_done_callback(self._hasty.discard)
        task.add_done_callback(_answering.discard)

    async def work(self) -> None:
        """Answer what comes, until cancelled."""
        self._working = True
        while True:
            await self._something.wait()
            self._something.clear()
            while self._waiting:
                asked, size = self._waiting.popleft()
                await self._answer(asked)
                self._bytes -= size
