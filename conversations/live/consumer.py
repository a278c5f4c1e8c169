"""The door of the WebSocket `/ws/v1/`: one socket a tab. It translates and decides nothing."""

import asyncio
import logging
from typing import Any

from channels.exceptions import StopConsumer
from channels.generic.websocket import AsyncWebsocketConsumer
from django.conf import settings

from conversations.chat.questions import IMAGES, TEXT_BYTES
from conversations.db import in_db
from conversations.errors import Invalid, InvalidFrame, Refusal, TooLarge, Unavailable
from conversations.events import feed, schema
from conversations.live import dispatch, visitor
from conversations.live.commands import Unreadable, command
from conversations.live.outbox import Outbox
from conversations.models import User

log = logging.getLogger(__name__)

# Larger ones get an error in band; from 4 MiB on the server closes with 1009 (chatsite/server.py).
FRAME_BYTES = 256 * 1024

NOT_LOGGED_IN = 4401
TOO_MANY = 4429
RESTART = 1012


class Consumer(AsyncWebsocketConsumer):  # type: ignore[misc]
    """Also a `feed.Listener`."""

    user: User

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.outbox = Outbox()
        self.following: set[str] = set()
        self.session_key = ""
        self._tasks: set[asyncio.Task[None]] = set()
        self._arrived = False

    # Coming and going

    async def connect(self) -> None:
        if not visitor.is_same_origin(self.scope):
            await self.close()  # before it is accepted: HTTP 403
            return
        await self.accept()
        self.session_key = visitor.session_key(self.scope)
        try:
            user = await in_db(visitor.person)(self.session_key)
        except Unavailable:
            await self.close(RESTART)
            return
        if user is None:
            await self.close(NOT_LOGGED_IN)
            return
        self.user = user
        await self._arrive()

    async def _arrive(self) -> None:
        count = feed.arrive(str(self.user.pk), self)
        self._arrived = True
        if settings.USER_SOCKETS and count > settings.USER_SOCKETS:
            self._leave()
            await self.close(TOO_MANY)
            return
        self._keep(self.outbox.deliver(self._deliver))
        limits = {"frame_bytes": FRAME_BYTES, "text_characters": TEXT_BYTES, "images": IMAGES}
        me = {"id": str(self.user.pk), "name": self.user.get_full_name() or self.user.username}
        self.put(schema.ready(me, limits))

    async def _deliver(self, frame: str) -> None:
        await self.send(text_data=frame)

    async def websocket_disconnect(self, message: dict[str, Any]) -> None:
        self._leave()
        raise StopConsumer

    def _leave(self) -> None:
        self._part()
        for task in tuple(self._tasks):
            task.cancel()

    def _part(self) -> None:
        """Out of the feed: nothing is heard or answered any more."""
        if self._arrived:
            self._arrived = False
            feed.go(str(self.user.pk), self)
            for conversation in tuple(self.following):
                self.unfollow(conversation)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:  # a cancelled application never hears of its disconnect
            self._leave()

    # Frames in

    async def websocket_receive(self, message: dict[str, Any]) -> None:
        if not self._arrived:
            return
        text = message.get("text")
        if text is None:
            self.put(schema.error(None, InvalidFrame("Frames are text, not bytes.")))
        elif len(text) > FRAME_BYTES or len(text.encode("utf-8", "replace")) > FRAME_BYTES:
            self.put(schema.error(None, TooLarge("This is too long for one message.")))
        else:
            await self._answer(text)

    async def _answer(self, text: str) -> None:
        id: str | None = None
        try:
            asked = command(text)
            id = asked.id
            await dispatch.answer(self, asked)
        except Unreadable as problem:
            self.put(schema.error(problem.id, problem.refusal))
        except Invalid as problem:  # a code of HTTP; for a socket it is the frame that is wrong
            self.put(schema.error(id, InvalidFrame(str(problem))))
        except Refusal as refusal:
            self.put(schema.error(id, refusal))
        except Exception:
            log.exception("a frame of user %s failed", self.user.pk)
            self.put(schema.error(id, Refusal()))

    # As a listener

    def put(self, frame: str) -> None:
        self.outbox.put(frame)

    def follow(self, conversation: str) -> None:
        self.following.add(conversation)
        feed.follow(conversation, self)

    def unfollow(self, conversation: str) -> None:
        self.following.discard(conversation)
        feed.unfollow(conversation, self)

    def look_again(self) -> None:
        self._keep(self._check_session())

    async def _check_session(self) -> None:
        try:
            user = await in_db(visitor.person)(self.session_key)
        except Unavailable:
            return  # the doorbell rings for everybody when the database is back
        if user is None:
            self._part()
            await self.close(NOT_LOGGED_IN)

    def _keep(self, work: Any) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
