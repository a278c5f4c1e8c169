"""A process that was stopped for a while (SIGSTOP, a suspended machine) may have been taken for dead.

Its runs are then somebody else's to end, and nothing may be told of them until Postgres has said
that they are still ours. A Postgres that is away is no such reason: nobody can have reaped meanwhile.
"""

import asyncio
import time

# Well below what counts as dead (runs/reaper.py), well above what a busy loop is late by.
SLEPT_SECONDS = 2.0
TICK_SECONDS = 0.25
# It also counts while the machine is suspended, where the system can say that.
CLOCK = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)

_ticked_at = 0.0
_woke = asyncio.Event()
_certain = asyncio.Event()
_certain.set()


def tick() -> None:
    """The loop turns. To be called once; it goes on by itself."""
    global _ticked_at  # noqa: PLW0603
    is_in_doubt()
    _ticked_at = time.clock_gettime(CLOCK)
    asyncio.get_running_loop().call_later(TICK_SECONDS, tick)


def is_in_doubt() -> bool:
    """Whether it has to be asked first what is ours."""
    if _ticked_at and time.clock_gettime(CLOCK) - _ticked_at > SLEPT_SECONDS:
        doubt()
    return not _certain.is_set()


def doubt() -> None:
    _certain.clear()
    _woke.set()


async def waking() -> None:
    """Until there is a doubt."""
    await _woke.wait()
    _woke.clear()


def be_certain() -> None:
    """What is ours is known again."""
    _certain.set()


async def certainty() -> None:
    await _certain.wait()
