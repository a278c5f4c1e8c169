"""Who answers for a model. One client for each provider and process."""

from functools import cache

from django.conf import settings

from conversations.provider.catalogue import BUILTIN
from conversations.provider.interface import Model, Provider

# The built-in server takes any key; the SDK insists on having one.
NO_KEY = "none"


def provider_of(model: Model) -> Provider:
    return _client(model.provider)


@cache
def _client(name: str) -> Provider:
    from conversations.provider.openai_api.chat import OpenAIChat

    if name == BUILTIN:
        return OpenAIChat(key=NO_KEY, base_url=settings.BUILTIN_MODEL_URL)
    return OpenAIChat(key=settings.OPENAI_API_KEY or NO_KEY, base_url=settings.OPENAI_BASE_URL)
