"""What a process knows by heart: read from Postgres once, and again when somebody changes it.

Whoever asks costs no statement. Whoever makes a change says `changed` in its transaction and rings the
doorbell, upon which every process reads anew; once in a while all of them look by themselves.
"""

import threading
from collections.abc import Callable
from itertools import count
from typing import Generic, TypeVar

from django.db import connection, transaction

T = TypeVar("T")


class ByHeart(Generic[T]):
    def __init__(self, ask: Callable[[], T]) -> None:
        self._ask = ask
        self._known: T | None = None
        self._last: T | None = None
        # Of reads and of changes, in their order: what an earlier read brings does not replace what a
        # later one did.
        self._numbers = count(1)
        self._newest = 0
        self._lock = threading.Lock()

    def known(self) -> T:
        known = self._known
        return known if known is not None and not self._is_changing() else self.read()

    def as_last_known(self) -> T | None:
        """For the event loop, where nothing is read. None: this process never has."""
        return self._last

    def read(self) -> T:
        """Anew from Postgres. Whoever asks meanwhile gets what was known before."""
        number = next(self._numbers)
        found = self._ask()
        if not self._is_changing():  # what is not committed yet is nobody else's, and may never be
            self._keep(found, number)
        return found

    def changed(self) -> None:
        """In the transaction of a change. Others here get it with the commit, whoever made it at once."""
        transaction.on_commit(self.forget)

    def forget(self) -> None:
        """Nor is it taken from a read that is under way."""
        self._keep(None, next(self._numbers))

    def _keep(self, found: T | None, number: int) -> None:
        with self._lock:
            if number > self._newest:
                self._known, self._newest = found, number
                self._last = self._last if found is None else found

    def _is_changing(self) -> bool:
        """Whether the transaction of this thread has changed it: then `forget` waits for the commit."""
        return any(waiting[1] == self.forget for waiting in connection.run_on_commit)
