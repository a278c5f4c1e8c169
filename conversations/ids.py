"""Identifiers that sort by the time they were made, so that new rows stand together in an index."""

import os
import time
from uuid import UUID


def uuid7() -> UUID:
    """RFC 9562, section 5.7: 48 bits of Unix milliseconds, then 74 random bits."""
    value = (time.time_ns() // 1_000_000) << 80 | int.from_bytes(os.urandom(10), "big")
    value &= ~(0xF << 76) & ~(0x3 << 62)
    return UUID(int=value | 0x7 << 76 | 0x2 << 62)


def parsed(text: object) -> UUID | None:
    """The UUID that a stranger's value spells in its usual form, or None."""
    if not isinstance(text, str) or len(text) != 36:
        return None
    try:
        return UUID(text)
    except ValueError:
        return None
