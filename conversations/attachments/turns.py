"""One at a time for each key, in this process. Between processes Postgres decides."""

import threading
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from weakref import WeakValueDictionary


class Turns:
    """Locks that exist as long as somebody holds or wants them."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._locks: WeakValueDictionary[str, threading.Lock] = WeakValueDictionary()

    @contextmanager
    def of(self, keys: Iterable[str]) -> Iterator[None]:
        """Hold the turns of all `keys`: taken in one order, so that nobody waits in a ring."""
        with ExitStack() as held:
            for key in sorted(set(keys)):
                held.enter_context(self._lock(key))
            yield

    def _lock(self, key: str) -> threading.Lock:
        with self._guard:
            return self._locks.setdefault(key, threading.Lock())
