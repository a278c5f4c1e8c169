"""What this process remembers, which no transaction that is rolled back takes with it.

Tests of a process come in any order: what one has entered is asked for by another, once in fifty runs. So is
what one began on an event loop that ended with it.
"""

import asyncio
import sys
from asyncio.mixins import _LoopBoundMixin
from collections import deque
from collections.abc import Iterator
from functools import lru_cache
from types import ModuleType
from weakref import WeakValueDictionary

from conversations import db
from conversations.by_heart import ByHeart
from conversations.events import doorbell
from conversations.provider import stock
from conversations.runs import executor, recorder, site_watch, sleep, start

OURS = "conversations"
COLLECTIONS = (set, dict, list, deque, WeakValueDictionary)


def forget_everything() -> None:
    """As if the process had just begun."""
    for module, name in remembered(len(sys.modules)):
        memory = getattr(module, name)
        if isinstance(memory, ByHeart):
            memory._known = memory._last = None
        elif isinstance(memory, _LoopBoundMixin):
            vars(memory).pop("_loop", None)
            if isinstance(memory, asyncio.Event):
                memory.clear()
        elif isinstance(memory, COLLECTIONS):
            memory.clear()
    stock._known = None
    site_watch._told = None
    start._known = executor._draining = doorbell._listening = db._is_away = False
    executor._beginnings = 0
    recorder._in_time = True
    sleep._ticked_at = 0.0
    sleep._certain.set()


@lru_cache(1)
def remembered(_modules: int) -> list[tuple[ModuleType, str]]:
    """Where it stands. Looked for again where modules have been loaded since."""
    modules = [module for name, module in sys.modules.items() if name.partition(".")[0] == OURS]
    return [(module, name) for module in modules for name in _memories_of(module)]


def _memories_of(module: ModuleType) -> Iterator[str]:
    """What begins empty is named as private, and constants are not."""
    for name, value in vars(module).items():
        is_private = name.startswith("_") and not name.startswith("__")
        if isinstance(value, ByHeart | _LoopBoundMixin) or (
            is_private and isinstance(value, COLLECTIONS)
        ):
            yield name
