"""The door of the WebSocket `/ws/v1/`: one socket a tab. It translates and decides nothing."""

import asyncio
import logging
import random
from collections.abc import Coroutine, Iterable
from typing import Any

import orjson
from channels.generic.websocket import AsyncWebsocketConsumer
from django.conf import settings
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _

from conversations import site, traced
from conversations.accounts import visits
from conversations.chat.questions import IMAGES, TEXT_BYTES
from conversations.db import in_db
from conversations.errors import Invalid, InvalidFrame, Refusal, TooLarge, Unavailable
from conversations.events import feed, schema
from conversations.events.closing import DOES_NOT_READ, NOT_LOGGED_IN, RESTART, TOO_MANY
from conversations.live import dispatch, visitor
from conversations.live.ahead import Ahead
from conversations.live.commands import Unreadable, command, too_long
from conversations.live.inbox import Asked, Bucket, Inbox
from conversations.live.outbox import Outbox, size_of
from conversations.live.relay import Relay
from conversations.models import User
from conversations.reading.site_object import site_object

log = logging.getLogger(__name__)

# Larger ones get an error in band; the largest, none (chatsite/wire.py).
FRAME_BYTES = 256 * 1024

LIMITS = {
    "frame_bytes": FRAME_BYTES,
    "text_bytes": TEXT_BYTES,  # by HTTP, where it is more than a frame takes
    "text_characters": TEXT_BYTES // 4,  # whatever their language, so many fit
    "images": IMAGES,
}

# The doorbell calls everybody when Postgres is back; this is for when it did not notice.
LOOK_AGAIN_SECONDS = (5.0, 15.0)
# A timer may be a little early, and a session ends after its last moment.
AFTER_THE_END_SECONDS = 0.05
# A bug that a client can set off again and again is told ten times, then once a minute.
_loud = Bucket(10, 1 / 60)


class Consumer(AsyncWebsocketConsumer):  # type: ignore[misc]
    """Also a `feed.Listener`."""

    user: User
    outbox: Outbox

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.inbox = Inbox(self._answer)
        # By conversation: the runs that this reader has heard of from their beginning, or was brought.
        self.following: dict[str, set[str]] = {}
        self.ahead = Ahead()
        self.session_key = ""
        self.language = settings.LANGUAGE_CODE
        self._tasks: set[asyncio.Task[None]] = set()
        self._look = asyncio.Event()
        self._arrived = False
        self._gone = False

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Take frames as fast as they come.

        Channels would make a task of each and pass a thread before it, and a flood would pile up
        in the server's queue, which nobody bounds.
        """
        self.scope, self.base_send = scope, send
        self.wire = scope.get("chatsite.wire") or Relay(self.send, self.close)
        self._keep(self._come())
        try:
            while (message := await receive())["type"] != "websocket.disconnect":
                if message["type"] == "websocket.receive" and not self._gone:
                    self._hear(message)
        finally:  # a cancelled application never hears of its disconnect
            self._leave()

    # Coming and going

    async def _come(self) -> None:
        if not visitor.is_same_origin(self.scope):
            await self._shut(None)  # before it is accepted: HTTP 403
            return
        await self.accept()
        self.session_key = visitor.session_key(self.scope)
        try:
            visit = await in_db(visits.visit)(self.session_key)
        except Unavailable:
            await self._shut(RESTART)
            return
        self.language = (visit and visit.language) or visitor.language(self.scope)
        if not self._gone:  # a flood is shut out without waiting for Postgres
            await (self._arrive(visit.user) if visit else self._shut(NOT_LOGGED_IN))

    async def _arrive(self, user: User) -> None:
        self.user = user
        traced.user(user.pk)
        count = feed.arrive(str(user.pk), self)
        self._arrived = True
        if settings.USER_SOCKETS and count > settings.USER_SOCKETS:
            await self._shut(TOO_MANY)
            return
        self.outbox = Outbox(self.wire, self._does_not_read)
        me = {"id": str(user.pk), "name": user.get_full_name() or user.username}
        self.put(schema.ready(me, LIMITS, site_object(site.as_last_known())))
        self._keep(self.inbox.work())
        self._keep(self._guard())

    async def _guard(self) -> None:
        """Close when the person's right to be here ends.

        The first look is for a right that ended between the session's reading and our arrival,
        which nobody told us of; after it we look when told to, and when the session ends.
        """
        while True:
            try:
                visit = await in_db(visits.visit)(self.session_key)
            except Unavailable:
                seconds = random.uniform(*LOOK_AGAIN_SECONDS)  # noqa: S311 spread, not secret
            else:
                if visit is None:
                    break
                seconds = (visit.until - timezone.now()).total_seconds() + AFTER_THE_END_SECONDS
            timer = asyncio.get_running_loop().call_later(seconds, self._look.set)
            await self._look.wait()
            self._look.clear()
            timer.cancel()
        await self._shut(NOT_LOGGED_IN)

    async def _shut(self, code: int | None) -> None:
        self._part()
        await self.close(code)

    def _does_not_read(self) -> None:
        self._part()
        self.wire.give_up(DOES_NOT_READ)

    def _flooded(self) -> None:
        self._part()
        self.wire.shut_out(TOO_MANY)

    def _leave(self) -> None:
        self._part()
        for task in tuple(self._tasks):
            task.cancel()

    def _part(self) -> None:
        """Out of the feed: nothing is heard or answered any more."""
        self._gone = True
        if not self._arrived:
            return
        self._arrived = False
        feed.go(str(self.user.pk), self)
        for conversation in tuple(self.following):
            self.unfollow(conversation)
        if hasattr(self, "outbox"):
            self.outbox.close()

    # Frames in

    def _hear(self, message: dict[str, Any]) -> None:
        text = message.get("text")
        size = len(message.get("bytes") or b"") if text is None else size_of(text)
        if not self.inbox.admits(size) or not self.inbox.put(*_read(text, size)):
            self._flooded()

    async def _answer(self, asked: Asked) -> None:
        if self._gone:
            return
        translation.activate(self.language)  # in this task only, as for what it asks to be done
        if isinstance(asked, Unreadable):
            self.put(schema.error(asked.id, asked.refusal))
            return
        try:
            await dispatch.answer(self, asked)
        except Invalid as problem:  # a code of HTTP; for a socket it is the frame that is wrong
            self.put(schema.error(asked.id, InvalidFrame(str(problem))))
        except Refusal as refusal:
            self.put(schema.error(asked.id, refusal))
        except Exception:
            if _loud.take(1):
                log.exception("a frame of user %s failed", self.user.pk)
            self.put(schema.error(asked.id, Refusal()))

    # As a listener

    def put(self, frame: str) -> None:
        if frame.startswith(schema.RUN_BEGINS):
            self._hears_of(frame)
        new = self.ahead.new_in(frame) if self.ahead else frame
        if new is not None:
            self.outbox.put(new)

    def _hears_of(self, frame: str) -> None:
        run = orjson.loads(frame)["run"]
        if run["conversation"] in self.following:
            self.following[run["conversation"]].add(run["id"])

    async def drained(self) -> bool:
        """Return when little waits to be sent; False when nobody reads any more."""
        return await self.outbox.drained()

    def come_back(self) -> None:
        """What was promised cannot be kept at the moment: a new line asks for it again."""
        self._keep(self._shut(RESTART))

    def follow(self, conversation: str, runs: Iterable[str] = ()) -> None:
        """`runs` it hears of from their beginning."""
        if self._arrived:  # an answer may come after its socket has left
            self.following.setdefault(conversation, set()).update(runs)
            feed.follow(conversation, self)

    def unfollow(self, conversation: str) -> None:
        self.following.pop(conversation, None)
        feed.unfollow(conversation, self)

    def look_again(self) -> None:
        self._look.set()

    def _keep(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(self._or_restart(work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _or_restart(self, work: Coroutine[Any, Any, None]) -> None:
        """A bug must leave no socket that is open and deaf, or that nobody guards."""
        try:
            await work
        except Exception:
            if _loud.take(1):
                log.exception("a socket failed")
            await self._shut(RESTART)


def _read(text: str | None, size: int) -> tuple[Asked, int]:
    """What a frame asks, and how much of it is kept until it is answered."""
    if size > FRAME_BYTES:
        return too_long(text or "", TooLarge(_("This is too long for one message."))), 0
    if text is None:
        return Unreadable(None, InvalidFrame(_("Frames are text, not bytes."))), 0
    try:
        return command(text), size
    except Unreadable as problem:
        return problem, 0
