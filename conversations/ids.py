"""Identifiers that sort by the time they were made, so that new rows stand together in an index."""

import hashlib
import os
import threading
import time
from uuid import UUID

_lock = threading.Lock()
_last = (0, 0)


def uuid7() -> UUID:
    """RFC 9562, section 5.7: 48 bits of Unix milliseconds, 12 that count within one (6.2, method 1),
    62 random bits. What a process makes later sorts later: an answer never stands before its question."""
    now, count = _moment()
    return _uuid7(now, count.to_bytes(2, "big") + os.urandom(8))


def _moment() -> tuple[int, int]:
    """The millisecond, and how many came before in it; never less than what was given out before."""
    global _last  # noqa: PLW0603
    with _lock:
        now = time.time_ns() // 1_000_000
        before, count = _last
        if now > before:
            _last = (now, 0)
        else:
            _last = (before, count + 1) if count < 0xFFF else (before + 1, 0)
        return _last


def uuid7_of(milliseconds: int, *names: object) -> UUID:
    """The same for the same names: 74 bits of their hash stand where chance would. For things that
    come from elsewhere, so that they are the same thing when they come again."""
    digest = hashlib.sha256("\0".join(map(str, names)).encode("utf-8", "surrogatepass")).digest()
    return _uuid7(milliseconds, digest[:10])


def _uuid7(milliseconds: int, rest: bytes) -> UUID:
    value = (milliseconds & (1 << 48) - 1) << 80 | int.from_bytes(rest, "big")
    value &= ~(0xF << 76) & ~(0x3 << 62)
    return UUID(int=value | 0x7 << 76 | 0x2 << 62)


def hashed(token: str) -> str:
    """What is kept of the token of a link: who reads the table cannot open it."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def parsed(text: object) -> UUID | None:
    """The UUID that a stranger's value spells in its usual form, or None."""
    if not isinstance(text, str) or len(text) != 36:
        return None
    try:
        return UUID(text)
    except ValueError:
        return None
