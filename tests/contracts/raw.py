"""A provider that sends exactly the bytes it is given; the stub cannot cut a head or hide an end."""

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
DONE = b"data: [DONE]\n\n"


def said(text: str, finish: str = "null") -> bytes:
    return b'data: {"choices":[{"index":0,"delta":{"content":"%b"},"finish_reason":%b}]}\n\n' % (
        text.encode(),
        finish.encode(),
    )


def chunk(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data)


def chunked(*events: bytes) -> bytes:
    """Each event in a chunk of its own, and the end."""
    return b"".join(map(chunk, [*events, b""]))


@dataclass
class Raw:
    """Sends `packets` for every request, with a breath between two, and then closes or not."""

    packets: Sequence[bytes]
    close: bool = False
    port: int = 0
    connections: int = 0
    requests: int = 0
    written: int = 0
    _talks: set[asyncio.Task[None]] = field(default_factory=set)

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self._talks.add(asyncio.create_task(self._talk(reader, writer)))

    async def end(self) -> None:
        for talk in self._talks:
            talk.cancel()
        await asyncio.gather(*self._talks, return_exceptions=True)

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            while await self._asked(reader):
                await self._answer(writer)
                if self.close:
                    break
        writer.close()

    async def _asked(self, reader: asyncio.StreamReader) -> bool:
        head = await reader.readuntil(b"\r\n\r\n")
        sizes = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length")]
        await reader.readexactly(int(sizes[0].partition(b":")[2]))
        self.requests += 1
        return True

    async def _answer(self, writer: asyncio.StreamWriter) -> None:
        for packet in self.packets:
            writer.write(packet)
            await writer.drain()
            self.written += len(packet)
            await asyncio.sleep(0.002)


@contextlib.asynccontextmanager
async def serving(raw: Raw, tls: ssl.SSLContext | None = None) -> AsyncIterator[Raw]:
    server = await asyncio.start_server(raw.talk, "127.0.0.1", 0, ssl=tls)
    raw.port = server.sockets[0].getsockname()[1]
    try:
        yield raw
    finally:
        server.close()
        await raw.end()
