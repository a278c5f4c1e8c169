"""An export on its way out: made on threads of its own, as fast as it is read, and counted."""

import asyncio
import threading
import weakref
from collections import Counter
from collections.abc import AsyncIterator, Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from time import monotonic
from typing import Any
from uuid import UUID

from django.core.cache import cache
from django.db import connections
from django.db.models import Q
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from conversations.errors import NotLoggedIn, RateLimited
from conversations.models import User

# Threads that make pieces: each holds a connection to Postgres while it reads a page, and no longer.
AT_ONCE = 2
OF_ONE_USER = 2
TOO_MANY = _("Two of your exports are on their way already. Wait for one of them.")
RETRY_SECONDS = 30
TOLD_EVERY_SECONDS = 1.0
# Whether who asked for it may still have it.
LOOK_SECONDS = 1.0
HERE = Q(is_active=True)
# How long the page can ask how far it was.
TOLD_FOR_SECONDS = 600

_threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="export")
_lock = threading.Lock()
_under_way: Counter[UUID] = Counter()


class Stream:
    """The pieces of an export, for ASGI. Begun here: what is not there is refused before the first."""

    def __init__(self, user: User, made: Generator[bytes], may: Q = HERE) -> None:
        self._made, self._user, self._may = made, user, may
        self._looked = monotonic()
        self._busy = threading.Lock()
        self._language = translation.get_language()  # of who asks; our threads have none
        _take(user.pk)
        # Once: when it is closed, or when nobody holds it any more, because whoever asked for it has
        # left before there was an answer that could be closed.
        self._leave = weakref.finalize(self, _give_back, user.pk)
        try:
            self._first = next(made, b"")
        except BaseException:
            self._leave()
            raise

    async def __aiter__(self) -> AsyncIterator[bytes]:
        loop = asyncio.get_running_loop()
        piece = self._first
        while piece:
            yield piece
            piece = await loop.run_in_executor(_threads, self._next)

    def close(self) -> None:
        """Called by Django, however it ends. Whoever reads may leave while a piece is being made."""
        with self._busy:
            self._made.close()
        self._leave()

    def _next(self) -> bytes:
        """The next piece. However long the network takes for it, no connection is kept meanwhile."""
        try:
            self._look()
            with self._busy, translation.override(self._language):
                return next(self._made, b"")
        finally:
            connections.close_all()

    def _look(self) -> None:
        """Whose right to it has ended meanwhile gets no more: the file breaks off. Raises NotLoggedIn."""
        if monotonic() - self._looked > LOOK_SECONDS:
            self._looked = monotonic()
            if not User.objects.filter(self._may, pk=self._user.pk).exists():
                with self._busy:
                    self._made.close()
                raise NotLoggedIn


def _take(user: UUID) -> None:
    with _lock:
        if _under_way[user] >= OF_ONE_USER:
            raise RateLimited(str(TOO_MANY), retry_after=RETRY_SECONDS)
        _under_way[user] += 1


def _give_back(user: UUID) -> None:
    with _lock:
        _under_way[user] -= 1
        if not _under_way[user]:
            del _under_way[user]


# How far it is ------------------------------------------------------------------------------------


class Progress:
    """Told to the cache, where the page asks for it, whichever process answers."""

    def __init__(self, user: User) -> None:
        self._key = _key(user)
        self._told = 0.0

    def __call__(self, done: int, of: int) -> None:
        now = monotonic()
        if done < of and now - self._told < TOLD_EVERY_SECONDS:
            return
        self._told = now
        with suppress(Exception):  # a cache that is away must not end an export
            cache.set(self._key, {"done": done, "of": of}, TOLD_FOR_SECONDS)


def progress_of(user: User) -> dict[str, Any] | None:
    found: dict[str, Any] | None = cache.get(_key(user))
    return found


def _key(user: User) -> str:
    return f"export:{user.pk}"
