"""The token of the benchmarks: twelve characters that say when the provider sent them.

Microseconds of the monotonic clock, which the processes of one machine share; so whoever reads a
token knows how long it was on its way, however it was joined with others.
"""

import re
import time

CHARACTERS = 12
MARK = b"~"
CIRCLE = 10 ** (CHARACTERS - 1)  # a little more than a day
STAMPS = re.compile(MARK + rb"(\d{%d})" % (CHARACTERS - 1))


def now() -> int:
    return time.monotonic_ns() // 1000


def token(moment: int) -> bytes:
    return b"%b%0*d" % (MARK, CHARACTERS - 1, moment % CIRCLE)


def delays(frame: bytes) -> list[int]:
    """How many microseconds each token of `frame` took until now."""
    moment = now()
    return [(moment - int(stamp)) % CIRCLE for stamp in STAMPS.findall(frame)]
