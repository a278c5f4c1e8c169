"""What can go wrong on the way to a provider, as what a reader can be told. No exception of the
SDK or of HTTP leaves this folder."""

import email.utils
import re
import ssl
import time
from collections.abc import Iterator
from typing import Any

import httpx2
import openai
from django.utils.translation import gettext_lazy as _

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
from conversations.text import clean, span

ASK_ADMIN = _("An administrator has to look at it.")
OUT_OF_MONEY = _("The provider's account has no credit left.")
NOT_ALLOWED = _("The provider does not let this site use this model.")
NO_SUCH_MODEL = _("The provider does not know this model. Choose another one.")
OVERLOADED = _("The provider is overloaded.")
BROKEN = _("The provider has trouble of its own.")
BUSY_WITH_IT = _("The provider is still busy with an earlier request.")
TOO_LARGE = _("This is more than the provider takes at once.")
TRY_AGAIN_IN = _("Try again in {time}.")
TOO_LARGE_ADVICE = _("Send less text or fewer pictures.")
WRONG_CERTIFICATE = _("The provider could not prove who it is, so nothing was sent to it.")

TOO_LONG_CODES = {"context_length_exceeded", "exceed_context_size_error"}
TOO_LONG_WORDS = re.compile(r"context (length|window|size)|too many tokens", re.IGNORECASE)
FILTER_CODES = {"content_filter", "content_policy_violation"}
NO_MONEY_CODES = {"insufficient_quota", "billing_hard_limit_reached"}
# The status that an error inside a stream would have had, by the words in its code or type.
STATUS_WORDS = {
    "rate_limit": 429,
    "overloaded": 529,
    "server_error": 500,
    "internal": 500,
    "unavailable": 503,
    "timeout": 408,
    "api_key": 401,
    "authentication": 401,
    "permission": 403,
    "model_not_found": 404,
    "invalid_request": 400,
}

STATUSES = {str(status) for status in range(400, 600)}

DETAIL_CHARACTERS = 1000
# A key, or what is left of one that was starred out.
KEYS = re.compile(r"\b(sk-|Bearer )[\w*-]{6,}|[\w-]*\*{3,}[\w*-]*", re.IGNORECASE)
KEY_CHARACTERS = 8  # a shorter one is a word such as "none"


def told(trouble: Exception) -> Refusal:
    """What went wrong, for people, with `retry_after` in seconds where the provider named it."""
    if isinstance(trouble, openai.APIStatusError):
        return _of_status(trouble)
    if isinstance(trouble, openai.APITimeoutError) and not _came_from(trouble, *CONNECTING):
        return ProviderTimeout()
    if _came_from(trouble, ssl.SSLCertVerificationError):
        return ProviderUnavailable(reason=WRONG_CERTIFICATE, advice=ASK_ADMIN, retryable=False)
    if isinstance(trouble, openai.APIConnectionError | httpx2.HTTPError):
        return ProviderUnavailable()
    return ProviderProblem()


def told_of_body(error: Any) -> Refusal:
    """An error object that came inside a stream, after HTTP had said 200."""
    fields = error if isinstance(error, dict) else {}
    words = f"{fields.get('code') or ''} {fields.get('type') or ''}".lower()
    numbers = [int(word) for word in words.split() if word in STATUSES]
    named = [status for word, status in STATUS_WORDS.items() if word in words]
    status = next(iter([*numbers, *named]), 0)
    code = str(fields.get("code") or fields.get("type") or "")
    return _told(status, code, str(fields.get("message") or ""), None)


def described(error: Any) -> str:
    """An error object in a line for administrators: code or type, and the provider's words."""
    fields = error if isinstance(error, dict) else {"message": error}
    parts = (fields.get("code") or fields.get("type"), fields.get("message"))
    return ": ".join(str(part) for part in parts if part) or str(error or "without a word")


def detail_of(trouble: Exception) -> str:
    """What really happened, for administrators: the status and the provider's words, or the cause."""
    if isinstance(trouble, openai.APIStatusError):
        return f"HTTP {trouble.status_code} {described(trouble.body)}"
    if isinstance(trouble, TimeoutError):
        return "a deadline of this site"
    *_, cause = _causes(trouble)
    return f"{type(cause).__name__} {cause}".strip()


def without_key(detail: str, key: str) -> str:
    """`detail` fit for a table that people read: providers quote the key that they refuse."""
    hidden = KEYS.sub("…", clean(detail))
    if len(key) >= KEY_CHARACTERS:
        hidden = hidden.replace(key, "…")
    return hidden[:DETAIL_CHARACTERS]


CONNECTING = (httpx2.ConnectTimeout, httpx2.PoolTimeout)


def _causes(trouble: BaseException | None) -> Iterator[BaseException]:
    """`trouble` and what it came from; the last is where it began."""
    seen: set[int] = set()
    while trouble is not None and id(trouble) not in seen:
        seen.add(id(trouble))
        yield trouble
        trouble = trouble.__cause__ or trouble.__context__


def _came_from(trouble: Exception, *kinds: type[Exception]) -> bool:
    return any(isinstance(cause, kinds) for cause in _causes(trouble))


def _of_status(problem: openai.APIStatusError) -> Refusal:
    retry_after = seconds_to_wait(problem.response.headers.get("retry-after"))
    code = str(problem.code or problem.type or "")
    return _told(problem.status_code, code, problem.message, retry_after)


def _told(status: int, code: str, message: str, retry_after: int | None) -> Refusal:
    """What the request itself got wrong is never retryable; what may pass is."""
    if code in TOO_LONG_CODES or (status in (0, 400, 413, 422) and TOO_LONG_WORDS.search(message)):
        return ContextTooLong()
    if code in FILTER_CODES:
        return ContentFiltered()
    if code in NO_MONEY_CODES or status == 402:
        return ProviderRateLimited(reason=OUT_OF_MONEY, advice=ASK_ADMIN, retryable=False)
    if status == 401:
        return ProviderAuth()
    if status == 403:
        return ProviderAuth(reason=NOT_ALLOWED)
    if status == 404:
        return ModelUnavailable(NO_SUCH_MODEL)
    if status == 413:
        return ProviderRejected(reason=TOO_LARGE, advice=TOO_LARGE_ADVICE)
    return _may_pass(status, retry_after) or (ProviderRejected() if status else ProviderProblem())


def _may_pass(status: int, retry_after: int | None) -> ProviderProblem | None:
    again = TRY_AGAIN_IN.format(time=span(retry_after)) if retry_after else None
    how: dict[str, Any] = {"retry_after": retry_after, "advice": again}
    if status == 408:
        return ProviderTimeout(**how)
    if status == 409:
        return ProviderUnavailable(reason=BUSY_WITH_IT, **how)
    if status == 429:
        return ProviderRateLimited(**how)
    if status in (503, 529):
        return ProviderUnavailable(reason=OVERLOADED, **how)
    return ProviderUnavailable(reason=BROKEN, **how) if status >= 500 else None


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
