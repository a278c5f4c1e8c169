"""A small TCP proxy that cuts, stalls, swallows and breaks what passes. It never changes a byte."""

import asyncio
import contextlib
import socket
import struct
import threading
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any, Self

PIECE = 64 * 1024
RST = struct.pack("ii", 1, 0)  # linger on, zero seconds: close sends RST

Address = tuple[str, int] | str  # host and port, or the path of a Unix socket


@dataclass(frozen=True)
class Fault:
    """After `after` bytes of an answer: `cut` (FIN), `reset` (RST), or silence for `seconds`."""

    after: int
    how: str
    seconds: float = 0.0


Plan = Callable[[int], Fault | None]


class Loop:
    """An event loop in a thread of its own, for what has to go on while a test sleeps or waits."""

    def __init__(self, name: str) -> None:
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self.loop.run_forever, name=name, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.run(self._end_all())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join(5)

    async def _end_all(self) -> None:
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def run(self, work: Coroutine[Any, Any, Any], timeout: float = 30) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(timeout)

    def start(self, work: Coroutine[Any, Any, Any]) -> None:
        asyncio.run_coroutine_threadsafe(work, self.loop)


class Connection:
    """One client and what stands behind the proxy for it."""

    def __init__(self, proxy: "Proxy", number: int, client: asyncio.StreamWriter) -> None:
        self.proxy, self.number = proxy, number
        self.writers = [client]
        self.swallowing = False
        self.answered = 0

    async def pass_on(self, reader: asyncio.StreamReader) -> None:
        up_reader, up_writer = await self.proxy.connect()
        self.writers.append(up_writer)
        ways = [
            asyncio.create_task(self._ask(reader, up_writer)),
            asyncio.create_task(self._answer(up_reader, self.writers[0])),
        ]
        await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        for way in ways:
            way.cancel()

    async def _ask(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(PIECE):
            await self.proxy.flowing.wait()
            writer.write(data)
            await writer.drain()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        fault = self.proxy.plan(self.number)
        while data := await reader.read(PIECE):
            await self.proxy.flowing.wait()
            if fault and self.answered + len(data) >= fault.after:
                data = await self._break(fault, data, writer)
                fault = None
            self.answered += len(data)
            if not self.swallowing:
                writer.write(data)
                await writer.drain()

    async def _break(self, fault: Fault, data: bytes, writer: asyncio.StreamWriter) -> bytes:
        """Pass on what is before the fault; what is left of `data` when it was only silence."""
        kept = max(0, fault.after - self.answered)
        writer.write(data[:kept])
        await writer.drain()
        self.proxy.broken += 1
        if fault.how != "silence":
            self.close(reset=fault.how == "reset")
            raise ConnectionAbortedError
        await asyncio.sleep(fault.seconds)
        return data[kept:]

    def close(self, *, reset: bool = False) -> None:
        for writer in self.writers:
            line = writer.get_extra_info("socket")
            if reset and line is not None and line.family != socket.AF_UNIX:
                line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RST)
                writer.transport.abort()
            writer.close()


class Proxy:
    """Listens on a loopback port of its own. `upstream` may change: new connections go there."""

    def __init__(self, loop: Loop, upstream: Address) -> None:
        self.loop, self.upstream = loop, upstream
        self.plan: Plan = lambda number: None
        self.connections: set[Connection] = set()
        self.count = 0
        self.broken = 0
        self.flowing = asyncio.Event()
        self.flowing.set()
        self._server: asyncio.Server = loop.run(
            asyncio.start_server(self._serve, "127.0.0.1", 0, limit=PIECE)
        )
        self.port = int(self._server.sockets[0].getsockname()[1])

    async def connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if isinstance(self.upstream, str):
            return await asyncio.open_unix_connection(self.upstream)
        return await asyncio.open_connection(*self.upstream)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.count += 1
        connection = Connection(self, self.count, writer)
        self.connections.add(connection)
        try:
            with contextlib.suppress(OSError, asyncio.CancelledError):
                await connection.pass_on(reader)
        finally:
            connection.close()
            self.connections.discard(connection)

    # What a test does to it, from its own thread

    def cut(self, *, reset: bool = False) -> int:
        """Every connection is gone at once; how many there were."""
        return int(self.loop.run(self._cut(reset)))

    async def _cut(self, reset: bool) -> int:
        cut = list(self.connections)
        for connection in cut:
            connection.close(reset=reset)
        return len(cut)

    def swallow(self) -> None:
        """From now on no answer reaches those who are connected; what they ask goes through."""
        for connection in list(self.connections):
            connection.swallowing = True

    def stall(self) -> None:
        """Nothing passes, in either way, until `flow`."""
        self.loop.loop.call_soon_threadsafe(self.flowing.clear)

    def flow(self) -> None:
        self.loop.loop.call_soon_threadsafe(self.flowing.set)

    def close(self) -> None:
        self.cut()
        self.loop.loop.call_soon_threadsafe(self._server.close)
