"""Pictures that a person names by their addresses: counted, few at once, and refused evenly."""

import logging
import threading
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import IO
from uuid import UUID
from weakref import WeakValueDictionary

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from conversations.attachments import storage, which
from conversations.attachments.fetching.download import Unreachable, download
from conversations.attachments.fetching.network import Guard
from conversations.db import in_transaction
from conversations.errors import RateLimited, Refusal, Unavailable
from conversations.models import User
from conversations.models.images import SOURCE_CHARACTERS
from conversations.usage import limits

log = logging.getLogger(__name__)

# In each process: a fetch waits, and takes a thread and no processor. One person, whose servers may all
# be slow on purpose, leaves three quarters of it to others.
AT_ONCE = 12
AT_ONCE_FOR_ONE = 3
QUEUE_SECONDS = 30
RETRY_SECONDS = 5
# Whoever asks for what is not there is told on the full second: by the milliseconds one could tell
# a name that our own servers of names know from one that nobody knows.
PACE_SECONDS = 1.0
PIECE_BYTES = 64 * 1024

BUSY = _("Many pictures are being fetched at the moment. Please try again shortly.")
YOURS = _("Several pictures are being fetched for you already. Please try again shortly.")

_places = threading.BoundedSemaphore(AT_ONCE)
_of_people: WeakValueDictionary[UUID, threading.BoundedSemaphore] = WeakValueDictionary()
_door = threading.Lock()


@dataclass(frozen=True)
class Fetched:
    """An upload like any other (accept.py), which came from `source`. Nobody has looked at it yet."""

    file: IO[bytes]
    source: str
    size: None = None

    def chunks(self, chunk_size: int | None = None) -> Iterator[bytes]:
        self.file.seek(0)
        while piece := self.file.read(chunk_size or PIECE_BYTES):
            yield piece


@contextmanager
def fetched(
    user: User, urls: Mapping[int, str], *, of: int, address: str | None = None
) -> Iterator[dict[int, Fetched]]:
    """All of them, or a Refusal. `urls` go by their places among `of` pictures, which a refusal names;
    `address` is where they were asked for.

    On no event loop and in no transaction: it takes seconds. Raises RateLimited before anything is
    asked for.
    """
    if not urls:
        yield {}
        return
    # Each as a message: who may send thirty a minute may not look at a thousand addresses in it.
    in_transaction(limits.spend, user, address, len(urls))
    guard = Guard(settings.IMAGE_HOSTS)
    with ExitStack() as files, storage.disk_trouble_told():
        room = storage.room()
        into = [files.enter_context(storage.nameless(room)) for _url in urls]

        def one(place: int, url: str, file: IO[bytes]) -> Fetched:
            with which.picture(place, of, field="image_url"), _evenly(user):
                return _fetched(user, url, file, guard)

        with ThreadPoolExecutor(AT_ONCE_FOR_ONE) as threads:
            found = list(threads.map(one, urls, urls.values(), into))
        yield dict(zip(urls, found, strict=True))


def _fetched(user: User, url: str, file: IO[bytes], guard: Guard) -> Fetched:
    with (
        _place(_places_of(user), RateLimited(YOURS, retry_after=RETRY_SECONDS)),
        _place(_places, Unavailable(BUSY, retry_after=RETRY_SECONDS)),
    ):
        return Fetched(file, str(download(url, file, guard))[:SOURCE_CHARACTERS])


@contextmanager
def _place(places: threading.BoundedSemaphore, none: Refusal) -> Iterator[None]:
    if not places.acquire(timeout=QUEUE_SECONDS):
        raise none
    try:
        yield
    finally:
        places.release()


def _places_of(user: User) -> threading.BoundedSemaphore:
    """They exist as long as somebody holds or wants them."""
    with _door:
        mine = _of_people.get(user.pk) or threading.BoundedSemaphore(AT_ONCE_FOR_ONE)
        _of_people[user.pk] = mine
        return mine


@contextmanager
def _evenly(user: User) -> Iterator[None]:
    begun = time.monotonic()
    try:
        yield
    except Unreachable as refusal:
        if refusal.inside:
            log.warning("user %s asked for a picture in a network that is not public", user.pk)
        time.sleep((begun - time.monotonic()) % PACE_SECONDS)
        raise
