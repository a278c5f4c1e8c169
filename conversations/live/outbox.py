"""Frames on their way to one socket: in order, without anybody waiting for the network."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable


class Outbox:
    def __init__(self) -> None:
        self._frames: deque[str] = deque()
        self._something = asyncio.Event()

    def put(self, frame: str) -> None:
        self._frames.append(frame)
        self._something.set()

    async def deliver(self, send: Callable[[str], Awaitable[None]]) -> None:
        """Send what is put, until cancelled."""
        while True:
            await self._something.wait()
            self._something.clear()
            while self._frames:
                await send(self._frames.popleft())
