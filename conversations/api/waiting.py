"""Calls that wait for the end of an answer. Each holds a thread: there are so many, and not all for one."""

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from conversations.errors import RateLimited, Unavailable
from conversations.models import User

# In each process. A thread that waits holds some 100 KB and no connection to Postgres.
CALLS_AT_ONCE = 256
CALLS_OF_ONE_USER = 128
RETRY_SECONDS = 5

TOO_MANY = _(
    "Too many calls wait for their answers at the moment. Try again shortly, or send without "
    "“wait” and ask for the run."
)
TOO_MANY_OF_YOURS = _(
    "Too many of your calls wait already. Send without “wait” and ask for the run."
)

_lock = threading.Lock()
_waiting: Counter[UUID] = Counter()


@contextmanager
def place_for(user: User) -> Iterator[None]:
    """A place to wait in. Raises Unavailable or RateLimited; take it before anything is sent."""
    _take(user.pk)
    try:
        yield
    finally:
        _give_back(user.pk)


def _take(user: UUID) -> None:
    with _lock:
        if _waiting[user] >= CALLS_OF_ONE_USER:
            raise RateLimited(TOO_MANY_OF_YOURS, retry_after=RETRY_SECONDS)
        if _waiting.total() >= CALLS_AT_ONCE:
            raise Unavailable(TOO_MANY, retry_after=RETRY_SECONDS)
        _waiting[user] += 1


def _give_back(user: UUID) -> None:
    with _lock:
        _waiting[user] -= 1
        if not _waiting[user]:
            del _waiting[user]
