from collections.abc import Awaitable, Callable
from typing import Any, cast

from channels.routing import URLRouter
from django.urls import path, re_path

from conversations.live.consumer import Consumer


async def nowhere(
    scope: dict[str, Any],
    receive: Callable[[], Awaitable[dict[str, Any]]],
    send: Callable[[dict[str, Any]], Awaitable[None]],
) -> None:
    """Another path: HTTP 403 at the handshake. Without this the router raises, and the log fills."""
    await receive()
    await send({"type": "websocket.close"})


websocket = URLRouter([path("ws/v1/", Consumer.as_asgi()), re_path("", cast(Any, nowhere))])
