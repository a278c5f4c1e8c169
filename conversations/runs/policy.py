"""When another attempt is worth it: at most three, only before the first token, never for our own fault.
And whose fault it was: who is to blame is left alone after a while, and another model may do better."""

import random

from conversations.errors import (
    Interrupted,
    ModelUnavailable,
    ProviderAuth,
    ProviderProblem,
    ProviderRateLimited,
    ProviderTimeout,
    ProviderUnavailable,
    Refusal,
)
from conversations.provider.interface import Report

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


def is_to_blame(problem: Refusal, report: Report) -> bool:
    """Whether the provider failed by itself. One that refuses a request, or has too many, works; so does
    one whose model ended by itself, though it gave an empty answer."""
    if isinstance(problem, ProviderRateLimited):
        return not problem.retryable  # no credit is left
    if isinstance(problem, ProviderAuth | ProviderTimeout | ProviderUnavailable | Interrupted):
        return True
    return type(problem) is ProviderProblem and not report.finish_reason


def another_may_do_better(problem: Refusal, report: Report) -> bool:
    """Not what is wrong with the request: every model would refuse that, or ought to."""
    is_busy_or_gone = isinstance(problem, ProviderRateLimited | ModelUnavailable)
    return is_busy_or_gone or is_to_blame(problem, report)
