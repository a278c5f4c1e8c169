"""How soon something has to come about."""

import os

# `QUIET=1 pytest …` says that this machine has nothing else to do.
IS_QUIET = bool(os.environ.get("QUIET"))


def within(seconds: float) -> float:
    """So many seconds are promised, and asked for where nobody disturbs. Elsewhere a process may not have its
    turn for longer than that: there it is as much more as tells late from never."""
    return seconds if IS_QUIET else 15 + seconds
