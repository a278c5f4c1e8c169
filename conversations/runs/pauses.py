"""A model whose provider says when to ask again (429, `Retry-After`) is asked by nobody before that: who asks
meanwhile waits with whoever was told.

Where the provider has limits here, the line before it knows (usage/line.py). Else no row has it: every
process hears of it by the doorbell, and one that did not hear asks, and is told the same.
"""

import random
import time
from contextlib import suppress

from conversations.errors import ProviderRateLimited, Refusal, Unavailable
from conversations.events import journal
from conversations.provider.interface import Model
from conversations.runs.policy import LONGEST_WAIT_SECONDS
from conversations.tasks import keep

# Not everybody asks in the same moment after it.
SPREAD_SECONDS = 1.0

# By the ids of models, and by this machine's own clock: so much of it is over when the bell rings.
_until: dict[str, float] = {}


def begin(model: Model, problem: Refusal | None) -> None:
    """A call has ended in `problem`. An hour is waited for by nobody: each who asks is told of it at once."""
    if not isinstance(problem, ProviderRateLimited):
        return
    seconds = problem.retry_after or 0
    if 0 < seconds <= LONGEST_WAIT_SECONDS:
        hear(model.id, seconds)
        keep(_tell(model.id, seconds))


def hear(model: str, seconds: float) -> None:
    now = time.monotonic()
    for over in [one for one, until in _until.items() if until <= now]:
        del _until[over]
    _until[model] = max(now + seconds, _until.get(model, 0))


def seconds_left(model: Model) -> float:
    return max(0.0, _until.get(model.id, 0) - time.monotonic())


def a_moment() -> float:
    return random.uniform(0, SPREAD_SECONDS)  # noqa: S311


async def _tell(model: str, seconds: float) -> None:
    with suppress(Unavailable):
        await journal.ring({"paused": model, "seconds": seconds})
