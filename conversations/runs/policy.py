"""When another attempt is worth it: at most three, only before the first token, never for our own fault."""

import random

from conversations.errors import ProviderProblem, Refusal

ATTEMPTS = 3
BACKOFF_SECONDS = 0.5
# A provider that asks for more than this is told to the reader instead of waited for.
LONGEST_WAIT_SECONDS = 30


def wait_before(attempt: int, problem: Refusal) -> float | None:
    """Seconds until attempt number `attempt + 1`, or None: it is no use. Exponential with full jitter
    on the upper half (https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/)."""
    if attempt >= ATTEMPTS or not isinstance(problem, ProviderProblem) or not problem.retryable:
        return None
    if problem.retry_after is not None:
        return float(problem.retry_after) if problem.retry_after <= LONGEST_WAIT_SECONDS else None
    return float(BACKOFF_SECONDS * 2 ** (attempt - 1) * random.uniform(0.5, 1.0))  # noqa: S311
