"""One seed for all that is random, and how much of everything is done."""

import os
import random
import secrets

SEED = int(os.environ.get("CHAOS_SEED") or secrets.randbelow(10**9))
FULL = os.environ.get("CHAOS") == "full"


def chance(name: str) -> random.Random:
    """Chance of its own for one part, so that no other part's use of it changes what happens here."""
    return random.Random(f"{SEED} {name}")


def amount(small: int, full: int) -> int:
    """`make test` does a few of everything, `make chaos` the numbers that prove something."""
    return full if FULL else small
