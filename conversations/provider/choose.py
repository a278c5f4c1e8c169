"""Who answers for a model. One client for each provider and process, a new one when it is changed."""

import threading
from collections.abc import Set as AbstractSet

from conversations.provider.interface import Client, Endpoint, Model

_clients: dict[Endpoint, Client] = {}
_lock = threading.Lock()


def provider_of(model: Model) -> Client:
    """Raises ValueError for a model that is in no catalogue."""
    if model.endpoint is None:
        raise ValueError(f"nobody is known to answer for {model.id}")
    return client(model.endpoint)


def client(endpoint: Endpoint) -> Client:
    with _lock:  # the first is made beside the event loop
        if endpoint not in _clients:
            from conversations.provider.openai_api.client import chat_with  # half a second

            _clients[endpoint] = chat_with(endpoint)
        return _clients[endpoint]


async def keep_only(endpoints: AbstractSet[Endpoint]) -> None:
    """The others were changed or taken away: each is closed once its calls are over."""
    with _lock:
        gone = [_clients.pop(endpoint) for endpoint in _clients.keys() - endpoints]
    for one in gone:
        await one.close()
