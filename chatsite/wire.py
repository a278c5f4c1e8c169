"""WebSockets as autobahn and Daphne speak them, with a short way out and word of when it is full.

A frame through Channels, Daphne and autobahn's writer costs 7 µs and never pushes back; here 0.6. We
send text, whole, unmasked and uncompressed: a header of two to ten bytes and the text.
"""

import struct
from collections.abc import Callable
from typing import Any

from daphne.ws_protocol import WebSocketFactory, WebSocketProtocol
from twisted.internet.interfaces import IPushProducer
from zope.interface import implementer

from conversations.events.closing import RESTART

# PROTOCOL.md: larger ones end the socket. What the door takes is less (live/consumer.py).
LARGEST_FRAME_BYTES = 4 * 1024 * 1024

# A peer that is gone without a word is dropped at the latest after both: within 60 s.
PING_SECONDS = 20
PONG_SECONDS = 30
HANDSHAKE_SECONDS = 5
# How long a close frame waits for its answer. autobahn's 1 s drops a reader that is merely slow.
CLOSE_SECONDS = 5
# One that did not read at all may have slept; it finds out why when it wakes up.
LATE_READER_SECONDS = 60

TEXT = 0x81  # a whole message of text
_last: tuple[str, bytes] = ("", b"\x81\x00")


def framed(text: str) -> bytes:
    """A text frame as it goes over the wire. The same one to many sockets is made once."""
    global _last  # noqa: PLW0603 one slot, always whole
    if text is not _last[0]:
        data = text.encode()
        _last = (text, _header(len(data)) + data)
    return _last[1]


def _header(length: int) -> bytes:
    if length < 126:
        return bytes((TEXT, length))
    if length < 65536:
        return struct.pack("!BBH", TEXT, 126, length)
    return struct.pack("!BBQ", TEXT, 127, length)


@implementer(IPushProducer)
class Wire:
    """A socket's way out (`conversations.live.outbox.Wire`), told by Twisted when it is full."""

    def __init__(self, socket: "Socket") -> None:
        self._socket = socket
        self._full = False
        self._go_on: Callable[[], None] = lambda: None

    def attach(self, go_on: Callable[[], None]) -> None:
        self._go_on = go_on

    def write(self, frame: str) -> bool:
        if self._full:
            return False
        socket = self._socket
        if socket.state == socket.STATE_OPEN:  # nothing follows a close frame
            self._send(framed(frame))
        return True

    def _send(self, data: bytes) -> None:
        """At once where nothing waits before it. Twisted's `write` alone would ask epoll twice and
        wait for another turn of the loop, for every frame."""
        transport = self._socket.transport
        if transport.connected and not (transport.dataBuffer or transport._tempDataLen):
            sent = transport.writeSomeData(data)
            if isinstance(sent, int):  # else it is broken, which the next line finds out in order
                data = data[sent:]
        if data:
            transport.write(data)

    def give_up(self, code: int) -> None:
        self._socket.leave_late_reader(code)

    def shut_out(self, code: int) -> None:
        self._socket.stop_listening(code)

    def pauseProducing(self) -> None:  # noqa: N802 Twisted's name
        self._full = True

    def resumeProducing(self) -> None:  # noqa: N802
        self._full = False
        self._go_on()

    def stopProducing(self) -> None:  # noqa: N802
        self._full = False


class Socket(WebSocketProtocol):  # type: ignore[misc]
    autoPingPendingCall: Any  # noqa: N815 autobahn's
    autoPingTimeoutCall: Any  # noqa: N815

    def onConnect(self, request: Any) -> Any:  # noqa: N802
        self.wire = Wire(self)
        return super().onConnect(request)

    def onOpen(self) -> None:  # noqa: N802
        """Until here the HTTP channel was told when the network is full, and stopped reading then."""
        self.transport.unregisterProducer()
        self.transport.registerProducer(self.wire, True)
        super().onOpen()

    def onMessage(self, payload: bytes, isBinary: bool) -> None:  # noqa: N802, N803
        if self.state == self.STATE_OPEN:
            super().onMessage(payload, isBinary)

    def check_timeouts(self) -> None:
        """Daphne's own pings are left out: each forgets the time-out of the one before."""
        if self.state == self.STATE_CONNECTING:
            super().check_timeouts()

    def failHandshake(self, reason: str, code: int = 400, *more: Any, **rest: Any) -> None:  # noqa: N802
        """An origin that cannot be parsed is not ours: refused like any other foreign one."""
        super().failHandshake(reason, 403 if "Origin" in reason else code, *more, **rest)

    def serverClose(self, code: int | None = None) -> None:  # noqa: N802
        """autobahn lets an application say only 1000 and its own codes; 1012 is a server's to say."""
        if code == RESTART:
            self.sendCloseFrame(code=code)
        else:
            super().serverClose(code)

    def leave_late_reader(self, code: int) -> None:
        """What was not read cannot be taken back, but a close frame behind it can wait."""
        self.closeHandshakeTimeout = LATE_READER_SECONDS
        self._end_pings()
        self.serverClose(code)

    def stop_listening(self, code: int) -> None:
        """The rest of what came is not looked at, and the sender is left to wait."""
        self.serverClose(code)
        self.data = b""
        self.transport.pauseProducing()

    def _end_pings(self) -> None:
        """Who does not read does not answer them either, and would be dropped before it read why."""
        for call in (self.autoPingPendingCall, self.autoPingTimeoutCall):
            if call is not None:
                call.cancel()
        self.autoPingPendingCall = self.autoPingTimeoutCall = None


def websocket_factory(server: Any, name: str) -> WebSocketFactory:
    factory = WebSocketFactory(server, server=name)
    factory.protocol = Socket
    factory.setProtocolOptions(
        autoPingInterval=PING_SECONDS,
        autoPingTimeout=PONG_SECONDS,
        openHandshakeTimeout=HANDSHAKE_SECONDS,
        closeHandshakeTimeout=CLOSE_SECONDS,
        maxMessagePayloadSize=LARGEST_FRAME_BYTES,
        maxFramePayloadSize=LARGEST_FRAME_BYTES,
        allowNullOrigin=True,  # refused by our own check, with the others
        failByDrop=False,  # a close code is something a browser can act on
    )
    return factory
