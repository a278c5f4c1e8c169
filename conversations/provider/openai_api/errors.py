"""The SDK's exceptions as what a reader can be told. No exception of the SDK leaves this folder."""

import email.utils
import re
import time
from typing import Any

import openai

from conversations.errors import (
    ContentFiltered,
    ContextTooLong,
    ModelUnavailable,
    ProviderAuth,
    ProviderProblem,
    ProviderRateLimited,
    ProviderRejected,
    ProviderTimeout,
    ProviderUnavailable,
    Refusal,
)

OUT_OF_MONEY = "The provider's account has no credit left. An administrator has to look at it."
NO_SUCH_MODEL = "The provider does not know this model. Choose another one."
TOO_LONG_CODES = {"context_length_exceeded", "exceed_context_size_error"}
TOO_LONG_WORDS = re.compile(r"context (length|window|size)|too many tokens", re.IGNORECASE)


def told(problem: openai.OpenAIError) -> Refusal:
    """What went wrong, for people, with `retry_after` in seconds where the provider named it."""
    if isinstance(problem, openai.APITimeoutError):
        return ProviderTimeout()
    if isinstance(problem, openai.APIStatusError):
        return _of_status(problem)
    if isinstance(problem, openai.APIConnectionError):
        return ProviderUnavailable()
    return ProviderProblem()


def told_of_body(error: Any) -> Refusal:
    """An error object that came inside a stream, after HTTP had said 200."""
    fields = error if isinstance(error, dict) else {}
    code = str(fields.get("code") or fields.get("type") or "")
    special = _special(code, str(fields.get("message") or ""))
    if special is not None:
        return special
    if "rate_limit" in code or code == "429":
        return ProviderRateLimited()
    return ProviderProblem()


def _of_status(problem: openai.APIStatusError) -> Refusal:
    code = str(problem.code or problem.type or "")
    special = _special(code, problem.message)
    if special is not None:
        return special
    status = problem.status_code
    retry_after = seconds_to_wait(problem.response.headers.get("retry-after"))
    if status in (401, 403):
        return ProviderAuth()
    if status == 404:
        return ModelUnavailable(NO_SUCH_MODEL)
    if status == 408:
        return ProviderTimeout(retry_after=retry_after)
    if status == 429:
        return ProviderRateLimited(retry_after=retry_after)
    if status >= 500 or status == 409:
        return ProviderUnavailable(retry_after=retry_after)
    return ProviderRejected()


def _special(code: str, message: str) -> Refusal | None:
    if code in TOO_LONG_CODES or (code != "429" and TOO_LONG_WORDS.search(message)):
        return ContextTooLong()
    if code == "insufficient_quota":
        quota = ProviderRateLimited(OUT_OF_MONEY)
        quota.retryable = False
        return quota
    if code in ("content_filter", "content_policy_violation"):
        return ContentFiltered()
    return None


def seconds_to_wait(header: str | None) -> int | None:
    """`Retry-After` as seconds (RFC 9110, 10.2.3: a number or a date); None for nonsense."""
    if not header:
        return None
    try:
        return max(0, min(int(float(header)) + (not float(header).is_integer()), 2**31))
    except (ValueError, OverflowError):
        pass
    try:
        moment = email.utils.parsedate_to_datetime(header)
    except (TypeError, ValueError):
        return None
    return max(0, round(moment.timestamp() - time.time()))
