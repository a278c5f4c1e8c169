"""Daphne, with what STACK-FACTS.md found missing: counted bodies, close frames, an orderly end."""

import asyncio
import io
import logging
import os
import signal
import socket
from collections.abc import Callable
from functools import partial
from typing import Any

from daphne.http_protocol import HTTPFactory, WebRequest
from daphne.server import Server as Daphne
from daphne.ws_protocol import WebSocketFactory, WebSocketProtocol
from django.conf import settings
from twisted.internet import reactor as _reactor
from twisted.logger import ILogObserver, globalLogBeginner
from zope.interface import implementer

from conversations.runs import process

log = logging.getLogger(__name__)
reactor: Any = _reactor

SERVER_NAME = "chatsite"

# The largest thing anybody may send: ten pictures of 20 MB and what surrounds them.
UPLOAD_BYTES = 10 * 20 * 1024 * 1024 + 1024 * 1024
# 4 MiB of text with every character escaped as \uXXXX.
JSON_BYTES = 26 * 1024 * 1024
BODY_BYTES = 1024 * 1024
STRANGER_BYTES = 64 * 1024
UPLOADS = ("/api/v1/images", "/api/v1/vision")
SESSION = settings.SESSION_COOKIE_NAME.encode() + b"="

# PROTOCOL.md: larger frames get close code 1009.
FRAME_BYTES = 4 * 1024 * 1024
RESTART = 1012
READ_BYTES = 64 * 1024
LINGER_SECONDS = 10
LINGER_BYTES = 64 * 1024 * 1024
BACKLOG = 512
TOO_LARGE = b'{"error": {"code": "too_large", "message": "This is more than can be sent at once."}}'


def body_limit(path: bytes, headers: Any) -> int:
    """How many bytes a body may have, known before the first one is kept."""
    known = headers.hasHeader(b"authorization") or any(
        SESSION in value for value in headers.getRawHeaders(b"cookie", [])
    )
    if not known:
        return STRANGER_BYTES
    place = path.split(b"?", 1)[0].decode("latin1").rstrip("/")
    if place in UPLOADS:
        return UPLOAD_BYTES
    return JSON_BYTES if place == "/api/v1/messages" else BODY_BYTES


class Body:
    """A request's body, handed out as it is asked for; Daphne would put all of it into memory first."""

    def __init__(self, file: Any) -> None:
        self._file = file
        self._news: asyncio.Queue[dict[str, Any]] = asyncio.Queue()

    def put_nowait(self, message: dict[str, Any]) -> None:
        if message["type"] != "http.request":
            self._news.put_nowait(message)

    async def get(self) -> dict[str, Any]:
        if self._file is None:
            return await self._news.get()
        chunk = self._file.read(READ_BYTES)
        if len(chunk) < READ_BYTES:
            self._file.close()
            self._file = None
        return {"type": "http.request", "body": chunk, "more_body": self._file is not None}


class Request(WebRequest):  # type: ignore[misc]
    """Counts what comes, and refuses too much of it before it is buffered."""

    body: Any = None
    content: Any
    _refused = False
    _came = 0
    _limit = 0

    def __init__(self, *args: Any, **more: Any) -> None:
        # Twisted would read a whole form into memory to fill `args`, which nobody asks for, and
        # refuse one that it does not like with an empty 400. Django reads forms, piece by piece.
        super().__init__(*args, **{**more, "parsePOSTFormSubmission": False})

    def gotLength(self, length: int | None) -> None:  # noqa: N802 Twisted's name
        self._limit = body_limit(self.channel._path, self.requestHeaders)
        if length is not None and length > self._limit:
            self._refuse()
        super().gotLength(0 if self._refused else length)

    def handleContentChunk(self, data: bytes) -> None:  # noqa: N802
        self._came += len(data)
        if self._came > self._limit and not self._refused:
            self._refuse()
        if not self._refused:
            super().handleContentChunk(data)
        elif self._came > self._limit + LINGER_BYTES:
            self._hang_up()

    def _refuse(self) -> None:
        """Answer at once. A little more is read and dropped, or the sender would only see a reset."""
        self._refused = True
        lines = (
            b"HTTP/1.1 413 Content Too Large",
            b"Content-Type: application/json",
            b"Connection: close",
            b"Content-Length: %d" % len(TOO_LARGE),
        )
        self.channel.transport.write(b"\r\n".join(lines) + b"\r\n\r\n" + TOO_LARGE)
        reactor.callLater(LINGER_SECONDS, self._hang_up)

    def _hang_up(self) -> None:
        if self.channel is not None:
            self.channel.loseConnection()

    def process(self) -> Any:
        if self._refused:
            self._hang_up()
            return None
        upgrade = self.requestHeaders.getRawHeaders(b"upgrade", [b""])[0]
        if upgrade.lower() != b"websocket":
            self.body, self.content = self.content, io.BytesIO()
            self.body.seek(0)
        return super().process()


class Factory(HTTPFactory):  # type: ignore[misc]
    def buildProtocol(self, addr: Any) -> Any:  # noqa: N802
        protocol = super().buildProtocol(addr)
        protocol.requestFactory = Request
        return protocol


class Socket(WebSocketProtocol):  # type: ignore[misc]
    def failHandshake(self, reason: str, code: int = 400, *more: Any, **rest: Any) -> None:  # noqa: N802
        """An origin that cannot be parsed is not ours: refused like any other foreign one."""
        super().failHandshake(reason, 403 if "Origin" in reason else code, *more, **rest)

    def serverClose(self, code: int | None = None) -> None:  # noqa: N802
        """autobahn lets an application say only 1000 and its own codes; 1012 is a server's to say."""
        if code == RESTART:
            self.sendCloseFrame(code=code)
        else:
            super().serverClose(code)


class Server(Daphne):  # type: ignore[misc]
    """Serves until SIGTERM or SIGINT, then leaves in order; a second signal ends it at once."""

    def __init__(
        self, application: Any, listening: socket.socket, ready: Callable[[], None]
    ) -> None:
        super().__init__(
            application,
            endpoints=["unused: we listen ourselves"],
            signal_handlers=False,
            server_name=SERVER_NAME,
            websocket_max_message_size=FRAME_BYTES,
            websocket_max_frame_size=FRAME_BYTES,
            websocket_timeout=-1,
        )
        self._socket = listening
        self._ready = ready
        self._port: Any = None
        self._leaving: asyncio.Task[None] | None = None

    def run(self) -> None:
        self.connections: dict[Any, dict[str, Any]] = {}
        self.http_factory = Factory(self)
        self.ws_factory = self._websockets()
        globalLogBeginner.beginLoggingTo([_unheard], redirectStandardIO=False, discardBuffer=True)
        reactor.callLater(1, self.application_checker)
        reactor.callLater(2, self.timeout_checker)
        self._port = reactor.adoptStreamPort(
            self._socket.fileno(), self._socket.family, self.http_factory
        )
        loop = reactor._asyncioEventloop
        asyncio.set_event_loop(loop)
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._told_to_leave)
        reactor.addSystemEventTrigger("before", "shutdown", self.kill_all_applications)
        loop.call_soon(self._begin)
        reactor.run(installSignalHandlers=False)

    def _websockets(self) -> WebSocketFactory:
        factory = WebSocketFactory(self, server=SERVER_NAME)
        factory.protocol = Socket
        factory.setProtocolOptions(
            autoPingTimeout=self.ping_timeout,
            allowNullOrigin=True,  # refused by our own check, with the others
            openHandshakeTimeout=self.websocket_handshake_timeout,
            maxMessagePayloadSize=self.websocket_max_message_size,
            maxFramePayloadSize=self.websocket_max_frame_size,
            failByDrop=False,  # a close code is something a browser can act on
        )
        return factory

    def _begin(self) -> None:
        process.ensure_started()
        self._ready()

    def create_application(self, protocol: Any, scope: dict[str, Any]) -> Any:
        if scope["type"] != "http":
            return super().create_application(protocol, scope)
        body = Body(protocol.body)
        instance = self.application(
            scope={**scope, "asgi": {"version": "3.0"}},
            receive=body.get,
            send=partial(self.handle_reply, protocol),
        )
        if protocol not in self.connections:
            instance.close()
            return None
        self.connections[protocol]["application_instance"] = asyncio.ensure_future(instance)
        return body

    def _told_to_leave(self) -> None:
        if self._leaving is not None:
            os._exit(1)
        self._leaving = asyncio.ensure_future(self._leave())

    async def _leave(self) -> None:
        """The port is free at once for whoever comes next; answers under way may finish."""
        try:
            self._close_doors()
            await process.leave(settings.DRAIN_SECONDS)
        except Exception:
            log.exception("leaving was not orderly")
        finally:
            reactor.stop()

    def _close_doors(self) -> None:
        self._port.stopListening()
        self._socket.close()
        for protocol in list(self.connections):
            if isinstance(protocol, WebSocketProtocol) and protocol.state == protocol.STATE_OPEN:
                protocol.serverClose(RESTART)


@implementer(ILogObserver)  # type: ignore[untyped-decorator]
def _unheard(event: Any) -> None:
    """Twisted's own log says nothing that ours does not."""


def listening_socket(host: str, port: int) -> socket.socket:
    """Raises OSError when the port is in use or the address is not ours."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    made = socket.socket(family, socket.SOCK_STREAM)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        made.bind((host.strip("[]"), port))
        made.listen(BACKLOG)
        made.setblocking(False)
    except OSError:
        made.close()
        raise
    return made
