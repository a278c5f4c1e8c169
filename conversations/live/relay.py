"""The way out of a socket that another ASGI server holds. Ours has a shorter one (chatsite/wire.py)."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

Sending = Callable[[str], Coroutine[Any, Any, None]]
Closing = Callable[[int], Coroutine[Any, Any, None]]


class Relay:
    """A wire for any other ASGI server, by its own `send`; pushes back exactly when that does."""

    def __init__(self, send: Sending, close: Closing) -> None:
        self._send = send
        self._close = close
        self._under_way: asyncio.Task[None] | None = None
        self._go_on: Callable[[], None] = lambda: None

    def attach(self, go_on: Callable[[], None]) -> None:
        self._go_on = go_on

    def write(self, frame: str) -> bool:
        if self._under_way is not None:
            return False
        self._under_way = asyncio.create_task(self._deliver(frame))
        return True

    def give_up(self, code: int) -> None:
        if self._under_way is not None:
            self._under_way.cancel()
        self._under_way = asyncio.create_task(self._close(code))

    shut_out = give_up

    async def _deliver(self, frame: str) -> None:
        await self._send(frame)
        self._under_way = None
        self._go_on()
