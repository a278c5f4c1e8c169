"""What this process remembers, which no transaction that is rolled back takes with it.

Tests of a process come in any order: what one has entered is asked for by another, once in fifty runs.
"""

import sys
from functools import lru_cache

from conversations.by_heart import ByHeart
from conversations.provider import stock
from conversations.runs import circuit, halted, site_watch, start
from conversations.web import health

OURS = ("conversations", "chatsite")


def forget_everything() -> None:
    """As if the process had just begun."""
    for rows in known_by_heart(len(sys.modules)):
        rows._known = rows._last = None
    circuit._known = {}
    circuit._failures.clear()
    stock._known = None
    stock._silent.clear()
    halted.forget_all()
    health._wrong = {}
    site_watch._told = None
    start._known = False


@lru_cache(1)
def known_by_heart(_modules: int) -> list[ByHeart[object]]:
    """Looked for again where modules have been loaded since."""
    modules = [module for name, module in sys.modules.items() if name.partition(".")[0] in OURS]
    return [it for module in modules for it in vars(module).values() if isinstance(it, ByHeart)]
