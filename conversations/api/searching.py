"""Searches under way: of one person so few at once that the others have connections to Postgres left.

A search may take seconds (reading/lookup.py), and a process has ten connections.
"""

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from conversations.errors import RateLimited
from conversations.models import User

# In each process. Who types searches anew with each letter, and most of them take milliseconds.
AT_ONCE = 3
RETRY_SECONDS = 1

SEVERAL = _("Several of your searches are under way. Try again in a moment.")

_lock = threading.Lock()
_under_way: Counter[UUID] = Counter()


@contextmanager
def one_of_few(user: User) -> Iterator[None]:
    """Around a search. Raises RateLimited."""
    with _lock:
        if _under_way[user.pk] >= AT_ONCE:
            raise RateLimited(SEVERAL, retry_after=RETRY_SECONDS)
        _under_way[user.pk] += 1
    try:
        yield
    finally:
        with _lock:
            _under_way[user.pk] -= 1
            if not _under_way[user.pk]:
                del _under_way[user.pk]
