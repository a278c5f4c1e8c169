"""Who answers for a model. One client for each provider and process, a new one when it is changed."""

from functools import lru_cache

from conversations.provider.catalogue import default_model, models_behind
from conversations.provider.interface import Client, Endpoint, Model

# More providers than a site has. What falls out was changed; calls under way hold it until they end.
CLIENTS = 32


def provider_of(model: Model) -> Client:
    """Raises ValueError for a model that is in no catalogue."""
    if model.endpoint is None:
        raise ValueError(f"nobody is known to answer for {model.id}")
    return client(model.endpoint)


def warm_up() -> None:
    """Import the SDK and make its client now: the first question would else wait a second for it."""
    for model in models_behind(default_model()):
        provider_of(model)


@lru_cache(CLIENTS)
def client(endpoint: Endpoint) -> Client:
    from conversations.provider.openai_api.client import chat_with  # the SDK takes half a second

    return chat_with(endpoint)
