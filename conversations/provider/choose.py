"""Who answers for a model. One client for each provider and process."""

from functools import cache

from django.conf import settings

from conversations.provider.catalogue import BUILTIN, default_model
from conversations.provider.interface import Model, Provider

# Some servers want no key; the SDK insists on having one.
NO_KEY = "none"


def provider_of(model: Model) -> Provider:
    return _client(model.provider)


def warm_up() -> None:
    """Import the SDK and make its client now: the first question would else wait a second for it."""
    provider_of(default_model())


@cache
def _client(name: str) -> Provider:
    from conversations.provider.openai_api.chat import OpenAIChat
    from conversations.provider.openai_api.deadlines import Limits

    key, base_url = settings.OPENAI_API_KEY, settings.OPENAI_BASE_URL
    if name == BUILTIN:
        key, base_url = settings.BUILTIN_MODEL_KEY, settings.BUILTIN_MODEL_URL
    limits = Limits(
        connect=settings.CONNECT_SECONDS,
        first_token=settings.FIRST_TOKEN_SECONDS,
        between_tokens=settings.BETWEEN_TOKENS_SECONDS,
        answer=settings.ANSWER_SECONDS,
    )
    return OpenAIChat(key=key or NO_KEY, base_url=base_url, limits=limits)
