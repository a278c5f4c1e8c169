"""A WebSocket client that does no more than it must (RFC 6455), so that it is not what is measured."""

import asyncio
import struct
from collections.abc import Callable

TEXT, CLOSE, PING = 0x81, 0x88, 0x89
MASKED = 0x80
# A client has to mask what it sends; a mask of zeros changes nothing.
MASK = bytes(4)


def head(first: int, size: int) -> bytes:
    if size < 126:
        return struct.pack("!BB", first, MASKED | size) + MASK
    return struct.pack("!BBH", first, MASKED | 126, size) + MASK


class Wire(asyncio.Protocol):
    """Calls `hear` with the payload of every text frame."""

    def __init__(self, hear: Callable[[bytes], None]) -> None:
        self.hear = hear
        self.rest = b""
        self.opened: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def say(self, text: bytes) -> None:
        self.transport.write(head(TEXT, len(text)) + text)

    def data_received(self, data: bytes) -> None:
        received = self.rest + data if self.rest else data
        if not self.opened.done():
            answer, found, received = received.partition(b"\r\n\r\n")
            if not found:
                self.rest = answer
                return
            self._greeted(answer)
        self.rest = received[self._frames(received) :]

    def _greeted(self, answer: bytes) -> None:
        if b" 101 " in answer:
            self.opened.set_result(None)
        else:
            self.opened.set_exception(ConnectionError(answer.decode("latin1")))

    def _frames(self, received: bytes) -> int:
        """How many bytes were whole frames. A server's frames are not masked."""
        at, end = 0, len(received)
        while end - at >= 2:
            start, size = at + 2, received[at + 1]
            if size == 126:
                start, size = at + 4, int.from_bytes(received[at + 2 : at + 4])
            elif size == 127:
                start, size = at + 10, int.from_bytes(received[at + 2 : at + 10])
            if start + size > end:
                break
            self._frame(received[at], received[start : start + size])
            at = start + size
        return at

    def _frame(self, first: int, payload: bytes) -> None:
        if first == TEXT:
            self.hear(payload)
        elif first == PING:
            self.transport.write(head(0x8A, len(payload)) + payload)

    def connection_lost(self, problem: Exception | None) -> None:
        if not self.opened.done():
            self.opened.set_exception(ConnectionError("closed at the handshake"))


async def opened(port: int, cookie: str, hear: Callable[[bytes], None]) -> Wire:
    """A socket whose handshake is done."""
    loop = asyncio.get_running_loop()
    _, wire = await loop.create_connection(lambda: Wire(hear), "127.0.0.1", port)
    wire.transport.write(
        b"GET /ws/v1/ HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nOrigin: http://127.0.0.1:%d\r\n"
        b"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
        b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nCookie: %b\r\n\r\n"
        % (port, port, cookie.encode())
    )
    await wire.opened
    return wire
