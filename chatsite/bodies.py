"""Request bodies: counted as they come, and large only from somebody we know."""

import asyncio
import io
import logging
import tempfile
from contextlib import suppress
from http import HTTPStatus
from typing import Any

import orjson
from daphne.http_protocol import HTTPFactory, WebRequest
from django.conf import settings
from django.http.cookie import parse_cookie
from django.utils import translation
from django.utils.translation import gettext_lazy as _
from twisted.internet import reactor as _reactor

from chatsite.flow import Flow
from conversations.accounts import visits
from conversations.db import in_db
from conversations.errors import NotLoggedIn, Refusal, TooLarge, Unavailable

log = logging.getLogger(__name__)
reactor: Any = _reactor

# The largest thing anybody may send: ten pictures of 20 MB and what surrounds them.
UPLOAD_BYTES = 10 * 20 * 1024 * 1024 + 1024 * 1024
# 4 MiB of text with every character escaped as \uXXXX.
JSON_BYTES = 26 * 1024 * 1024
BODY_BYTES = 1024 * 1024
STRANGER_BYTES = 64 * 1024
# Ten text files of 4 MiB and what surrounds them.
FILES_BYTES = 10 * 4 * 1024 * 1024 + 1024 * 1024
UPLOADS = {
    "/api/v1/images": UPLOAD_BYTES,
    "/api/v1/vision": UPLOAD_BYTES,
    "/api/v1/files": FILES_BYTES,
    "/api/v1/messages": JSON_BYTES,
    "/api/v1/edits": JSON_BYTES,
    "/api/v1/imports": settings.IMPORT_BYTES + 1024 * 1024,
}

# Of these the first thing that is wrong, whatever is sent, is that nobody is signed in.
API = b"/api/"

READ_BYTES = 64 * 1024
LINGER_SECONDS = 10
LINGER_BYTES = 64 * 1024 * 1024


def most_bytes(path: bytes) -> int:
    """How many bytes a body for this path may have, from somebody who is signed in."""
    place = path.split(b"?", 1)[0].decode("latin1").rstrip("/")
    return UPLOADS.get(place, BODY_BYTES)


def cookies(headers: Any) -> str:
    return b"; ".join(headers.getRawHeaders(b"cookie", [])).decode("latin1")


def session_key(headers: Any) -> str:
    return str(parse_cookie(cookies(headers)).get(settings.SESSION_COOKIE_NAME, ""))


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
        # Nothing here waits by itself: without this a large body would stop every answer that streams.
        await asyncio.sleep(0)
        chunk = self._file.read(READ_BYTES)
        if len(chunk) < READ_BYTES:
            self._file.close()
            self._file = None
        return {"type": "http.request", "body": chunk, "more_body": self._file is not None}


class Request(WebRequest):  # type: ignore[misc]
    """Counts what comes, and refuses too much of it before it is buffered.

    A cookie is a claim. When a body grows past what a stranger may send, nothing more is read until
    Postgres has said whose session it is.
    """

    body: Any = None
    content: Any
    _flow: Flow | None = None
    _refused = False
    _known = False
    _asking: "asyncio.Task[None] | None" = None
    _is_whole = False
    _came = 0
    _most = 0
    _lingers_to = 0
    _session = ""
    _of_the_api = False

    def __init__(self, *args: Any, **more: Any) -> None:
        # Twisted would read a whole form into memory to fill `args`, which nobody asks for, and
        # refuse one that it does not like with an empty 400. Django reads forms, piece by piece.
        super().__init__(*args, **{**more, "parsePOSTFormSubmission": False})

    def gotLength(self, length: int | None) -> None:  # noqa: N802 Twisted's name
        path = self.channel._path  # forgotten once the body is whole
        self._of_the_api = path.startswith(API)
        self._session = session_key(self.requestHeaders)
        self._most = most_bytes(path) if self._session else STRANGER_BYTES
        if length is not None and length > self._most:
            self._refuse(self._too_much())
        super().gotLength(0 if self._refused else length)
        if not self._refused and self._most > UPLOAD_BYTES:
            self._lie_on_our_disk()

    def _lie_on_our_disk(self) -> None:
        """Twisted would put it into /tmp, which is memory on many machines."""
        with suppress(OSError):
            file = tempfile.TemporaryFile(dir=settings.FILE_UPLOAD_TEMP_DIR)  # noqa: SIM115 Twisted closes it
            self.content.close()
            self.content = file

    def handleContentChunk(self, data: bytes) -> None:  # noqa: N802
        self._came += len(data)
        if not self._refused and self._came > self._most:
            self._refuse(self._too_much())
        if not self._refused:
            super().handleContentChunk(data)
            self._ask_who_sends()
        elif self._came > self._lingers_to:
            self._hang_up()

    def _ask_who_sends(self) -> None:
        if self._came > STRANGER_BYTES and not self._known and self._asking is None:
            self.channel.transport.pauseProducing()
            self._asking = asyncio.ensure_future(self._look_up())

    async def _look_up(self) -> None:
        """However it ends, reading goes on: a sender that is not read would wait for ever."""
        try:
            self._known = await in_db(visits.person)(self._session) is not None
        except Unavailable as refusal:
            self._refuse(refusal)
        except Exception:
            log.exception("who sends a body could not be looked up")
            self._refuse(Refusal())
        if self.channel is None:
            return  # the sender has left meanwhile
        if not self._known and not self._refused:
            self._refuse(self._strange())
        self._asking = None
        if self._is_whole:
            self.process()
        else:
            self.channel.transport.resumeProducing()

    def flow_of(self, more: bool) -> Flow | None:
        """What tells whoever answers in many pieces when the network takes the next one."""
        if more and self._flow is None and self.channel is not None and not self.finished:
            self._flow = Flow()
            self.registerProducer(self._flow, True)
        elif not more and self._flow is not None:
            self._flow = None
            if self.channel is not None:
                self.unregisterProducer()
        return self._flow

    def handle_exception(self, exception: Exception) -> None:
        """Of Daphne's name: it would begin a second answer, be refused that, and from then on look after no
        call any more. An answer that broke off is cut, so that nobody waits for it or takes it for whole."""
        if not self._response_started:
            super().handle_exception(exception)
        elif self.channel is not None:
            self.channel.transport.abortConnection()

    def _too_much(self) -> Refusal:
        if self._session:
            return TooLarge(_("This is more than can be sent at once."))
        return self._strange()

    def _strange(self) -> Refusal:
        if self._of_the_api:
            return NotLoggedIn()
        return TooLarge(_("This is more than can be sent without signing in."))

    def _refuse(self, refusal: Refusal) -> None:
        """Answer at once. A little more is read and dropped, or the sender would only see a reset."""
        if self.channel is None:
            return
        self._refused = True
        self._lingers_to = self._came + LINGER_BYTES
        with translation.override(self._language()):
            said = orjson.dumps(refusal.body())
        lines = (
            b"HTTP/1.1 %d %s" % (refusal.http, HTTPStatus(refusal.http).phrase.encode()),
            b"Content-Type: application/json",
            b"Connection: close",
            b"Content-Length: %d" % len(said),
        )
        self.channel.transport.write(b"\r\n".join(lines) + b"\r\n\r\n" + said)
        reactor.callLater(LINGER_SECONDS, self._hang_up)

    def _language(self) -> str:
        """Django's own middleware has not seen this request, and never will."""
        asked = self.requestHeaders.getRawHeaders(b"accept-language", [])
        return visits.language_of(cookies(self.requestHeaders), b",".join(asked).decode("latin1"))

    def _hang_up(self) -> None:
        if self.channel is not None:
            self.channel.loseConnection()

    def process(self) -> Any:
        if self._asking is not None:
            self._is_whole = True
            return None
        if self._refused:
            self._hang_up()
            return None
        if self._came and not self.requestHeaders.hasHeader(b"content-length"):
            # It came in pieces (chunked), and Django reads no form whose length it is not told.
            self.requestHeaders.setRawHeaders(b"content-length", [b"%d" % self._came])
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

    def log(self, request: Any) -> None:
        """Of Twisted's name: a line for each request, put together for a log that nobody keeps."""
