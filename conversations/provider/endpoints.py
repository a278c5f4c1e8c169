"""Where the calls of each provider go, with which key and how much patience."""

import logging
from collections.abc import Iterable
from urllib.parse import urlsplit

from django.conf import settings

from conversations.errors import Invalid
from conversations.models import Provider
from conversations.models.catalogue import KeyFrom, ProviderKind
from conversations.provider.interface import Endpoint
from conversations.provider.keys import key_of

log = logging.getLogger(__name__)

# The row that OPENAI_API_KEY and OPENAI_BASE_URL are about.
OPENAI = "openai"
# It has others for regions, such as eu.api.openai.com.
OPENAI_HOST = "api.openai.com"

# Providers that cannot be asked, and why, as the log has it.
_left_out: dict[int, str] = {}


def endpoints_now() -> Iterable[tuple[int, Endpoint]]:
    """The providers that can be asked. One whose key is missing is left out, and its models with it."""
    for row in Provider.objects.filter(is_enabled=True):
        try:
            endpoint = endpoint_of(row)
        except Invalid as problem:
            _leave_out(row, str(problem))
            continue
        _left_out.pop(row.pk, None)
        if endpoint is not None:
            yield row.pk, endpoint


def _leave_out(row: Provider, why: str) -> None:
    """Said once, not with every look."""
    if _left_out.get(row.pk) != why:
        log.warning("provider %s is left out: %s", row.name, why)
    _left_out[row.pk] = why


def endpoint_of(row: Provider) -> Endpoint | None:
    """None: nobody has connected it, or nothing is there to connect. Raises Invalid without its key."""
    way = _way_to(row)
    if way is None:
        return None
    base_url, key = way
    return Endpoint(
        name=row.name,
        kind=_kind(row, base_url),
        base_url=base_url,
        key=key,
        api_version=row.api_version,
        proxy=row.proxy,
        connect=row.connect_seconds or settings.CONNECT_SECONDS,
        first_token=row.first_token_seconds or settings.FIRST_TOKEN_SECONDS,
        between_tokens=row.between_tokens_seconds or settings.BETWEEN_TOKENS_SECONDS,
        answer=row.answer_seconds or settings.ANSWER_SECONDS,
        concurrent_calls=row.concurrent_calls,
        requests_per_minute=row.requests_per_minute,
        tokens_per_minute=row.tokens_per_minute,
        failures_in_a_row=row.failures_in_a_row,
    )


def _way_to(row: Provider) -> tuple[str, str] | None:
    """Its address and its key."""
    if row.kind == ProviderKind.AUTO:
        return None
    if row.kind == ProviderKind.BUILTIN:
        is_unused = settings.OPENAI_API_KEY or settings.OPENAI_BASE_URL
        return None if is_unused else (settings.BUILTIN_MODEL_URL, settings.BUILTIN_MODEL_KEY)
    if is_of_the_environment(row):
        base_url, key = row.base_url or settings.OPENAI_BASE_URL, settings.OPENAI_API_KEY
        return (base_url, key) if base_url or key else None
    return row.base_url, key_of(row)


def is_of_the_environment(row: Provider) -> bool:
    """Its key may be missing, where OPENAI_BASE_URL wants none; without both it is just not connected."""
    is_named = row.key_from == KeyFrom.ENVIRONMENT and row.key_name == "OPENAI_API_KEY"
    return row.name == OPENAI and is_named


def _kind(row: Provider, base_url: str) -> str:
    """OPENAI_BASE_URL makes of OpenAI some other server, which may know less; unless it is OpenAI's own."""
    if row.kind == ProviderKind.OPENAI and base_url and not _is_openai(base_url):
        return ProviderKind.COMPATIBLE
    return row.kind


def _is_openai(base_url: str) -> bool:
    try:
        host = urlsplit(base_url).hostname or ""
    except ValueError:
        return False
    return f".{host}".endswith(f".{OPENAI_HOST}")


def is_elsewhere(row: Provider, endpoint: Endpoint) -> bool:
    return row.kind != endpoint.kind


def elsewhere() -> Endpoint | None:
    """The first provider, where OPENAI_BASE_URL makes another server of it: whom to ask what it has."""
    row = Provider.objects.filter(name=OPENAI, is_enabled=True).first()
    try:
        endpoint = endpoint_of(row) if row else None
    except Invalid:
        return None
    return endpoint if row and endpoint and is_elsewhere(row, endpoint) else None
