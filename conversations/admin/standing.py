"""How it stands with a provider at this moment: what it allows, and what is used of it over all processes."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from conversations.admin.columns import number
from conversations.errors import Words
from conversations.models import Provider
from conversations.usage import used
from conversations.usage.used import Use

NOT_LIMITED = _("There is no limit, and nothing is counted.")
CALLS = _("{used} of {limit} calls under way")
REQUESTS = _("{used} of {limit} requests in the last minute")
TOKENS = _("{used} of {limit} tokens in the last minute")


def used_of(provider: Provider) -> str:
    """Each limit that is set, with what is used of it; then who waits."""
    use = used.by_provider().get(provider.name, Use())
    limits: tuple[tuple[Words, int, int | None], ...] = (
        (CALLS, use.calls, provider.concurrent_calls),
        (REQUESTS, use.requests, provider.requests_per_minute),
        (TOKENS, use.tokens, provider.tokens_per_minute),
    )
    told = [
        sentence.format(used=number(amount), limit=number(limit))
        for sentence, amount, limit in limits
        if limit
    ]
    return " · ".join([*told, *_waiting(use)]) if told else str(NOT_LIMITED)


def _waiting(use: Use) -> list[str]:
    if not use.waiting:
        return []
    told = ngettext("{count} question waits", "{count} questions wait", use.waiting)
    return [told.format(count=number(use.waiting))]
