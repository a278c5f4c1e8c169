"""How far an export is, told to the cache: the page asks there, and says there that it is to end.

Whichever process answers knows it. A cache that is away ends no export.
"""

from contextlib import suppress
from enum import StrEnum
from time import monotonic
from typing import Any
from uuid import UUID

from django.core.cache import cache

TOLD_EVERY_SECONDS = 1.0
# How long the page can ask how it ended.
KNOWN_FOR_SECONDS = 3600


class State(StrEnum):
    GOING = "going"
    COMPLETE = "complete"
    STOPPED = "stopped"
    BROKEN = "broken"


class Told:
    """One export of one person: nobody else hears of it or ends it."""

    def __init__(self, person: UUID | None, id: UUID, expected: int, *, is_counted: bool) -> None:
        self._key, self._of, self._is_counted = _key(person, id), expected, is_counted
        self._at = 0.0

    def is_due(self) -> bool:
        """At most once a second, however fast the rows go."""
        now = monotonic()
        if now - self._at < TOLD_EVERY_SECONDS:
            return False
        self._at = now
        return True

    def tell(self, done: int, state: State) -> None:
        told = {"done": done, "of": self._of, "is_counted": self._is_counted, "state": state.value}
        with suppress(Exception):
            cache.set(self._key, told, KNOWN_FOR_SECONDS)

    def is_stopped(self) -> bool:
        with suppress(Exception):
            return bool(cache.get(_stop(self._key)))
        return False


def told(person: UUID, id: UUID) -> dict[str, Any] | None:
    found: dict[str, Any] | None = cache.get(_key(person, id))
    return found


def stop(person: UUID, id: UUID) -> bool:
    """Whether there is such a one. It hears of it before its next piece."""
    if told(person, id) is None:
        return False
    cache.set(_stop(_key(person, id)), value=True, timeout=KNOWN_FOR_SECONDS)
    return True


def _key(person: UUID | None, id: UUID) -> str:
    return f"desk-export:{person}:{id}"


def _stop(key: str) -> str:
    return f"{key}:stop"
