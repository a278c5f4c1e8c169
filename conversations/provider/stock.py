"""What the server behind OPENAI_BASE_URL says that it has: that is on offer, without a row for each.

Each process asks by itself and keeps it in memory. Who names an address names a server of their own; to
offer what only OpenAI has would be wrong there, and to have everything entered first would be no welcome.
"""

import logging
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from conversations.provider.interface import Endpoint

if TYPE_CHECKING:
    from conversations.provider.fetch import Found

log = logging.getLogger(__name__)

# A model that was pulled is there when its owner has looked twice; a list of hundreds is a lot to ask for.
LOOK_SECONDS = 300.0
# Nobody chooses from more; whoever has more enters those that matter.
MOST = 200
# The servers list what cannot be talked with as well, and not as what it is.
FOR_OTHER_THINGS = re.compile(
    r"embed|rerank|whisper|transcribe|\btts\b|dall-e|moderation|realtime|gpt-image|stable-diffusion",
    re.IGNORECASE,
)
# A gateway that passes on whatever it is asked for says so by this.
ANYTHING = "*"


@dataclass(frozen=True, slots=True)
class Stock:
    """`models` by their ids, in the server's order."""

    endpoint: Endpoint
    models: "Mapping[str, Found]"
    asked_at: float


_known: Stock | None = None
# Why it does not say, by its address, as the log has it.
_silent: dict[str, str] = {}


def of(endpoint: Endpoint) -> "Mapping[str, Found] | None":
    """None: nobody knows, because it did not say or was not asked yet."""
    known = _known
    is_same = known is not None and known.endpoint.base_url == endpoint.base_url
    return known.models if known and is_same else None


def look(endpoint: Endpoint) -> bool:
    """Ask it, unless that was done a moment ago. Whether there is news. Blocks; not on an event loop."""
    global _known  # noqa: PLW0603 one memory a process
    known = _known
    is_fresh = known is not None and time.monotonic() - known.asked_at < LOOK_SECONDS
    if known and is_fresh and known.endpoint == endpoint:
        return False
    before, models = of(endpoint), _asked(endpoint)
    if models is None:
        return False  # what it said before stands
    _known = Stock(endpoint, models, time.monotonic())
    return before != models


def _asked(endpoint: Endpoint) -> "Mapping[str, Found] | None":
    from conversations.provider.fetch import Unreachable
    from conversations.provider.openai_api.offer import models_at  # the SDK

    try:
        found, _seconds = models_at(endpoint)
    except Unreachable as problem:
        _say_once(endpoint, problem.detail)
        return None
    named = [one for one in found if 0 < len(one.id) <= 100]
    if any(ANYTHING in one.id for one in named):
        return None
    talks = [one for one in named if not FOR_OTHER_THINGS.search(one.id)]
    return {one.id: one for one in talks[:MOST]}


def _say_once(endpoint: Endpoint, why: str) -> None:
    """Not with every look."""
    if _silent.get(endpoint.base_url) != why:
        log.warning("provider %s does not say what it has: %s", endpoint.name, why)
    _silent[endpoint.base_url] = why
