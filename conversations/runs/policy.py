"""When another attempt is worth it: at most three, only before the first token, never for our own fault."""

import random

from conversations.errors import ProviderProblem

ATTEMPTS = 3
BACKOFF_SECONDS = 1.0
# A provider that asks for more than this is told to the reader instead of waited for.
LONGEST_WAIT_SECONDS = 30


def wait_before(attempt: int, problem: ProviderProblem) -> float | None:
    """Seconds until attempt number `attempt + 1`, or None: it is no use. Exponential with full jitter
    on the upper half (https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/).

    What the provider asks for comes on top: never sooner than that, and not everybody at once.
    """
    if attempt >= ATTEMPTS or not problem.retryable:
        return None
    asked_for = problem.retry_after or 0
    if asked_for > LONGEST_WAIT_SECONDS:
        return None
    return float(asked_for + BACKOFF_SECONDS * 2 ** (attempt - 1) * random.uniform(0.5, 1.0))  # noqa: S311
