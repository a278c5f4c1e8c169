"""The site as an ASGI application: what a stranger's headers claim is settled before anything else."""

import os
from collections.abc import Awaitable, Callable
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatsite.settings")
django.setup(set_prefix=False)

from channels.routing import ProtocolTypeRouter  # noqa: E402

from chatsite.counted import counted  # noqa: E402
from chatsite.handler import Handler  # noqa: E402
from chatsite.named import known_by, request_id  # noqa: E402
from chatsite.peers import is_near, is_trusted_proxy, plain, said_by_a_proxy  # noqa: E402
from conversations.live.routing import websocket  # noqa: E402
from conversations.runs import process  # noqa: E402

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]

# Who asks how we are calls us by any address: a load balancer, an orchestrator, Prometheus.
HEALTH = ("/healthz", "/readyz", "/metrics")

FORWARDED = {b"x-forwarded-for", b"x-forwarded-proto", b"x-forwarded-host", b"forwarded"}


def settled(scope: Scope) -> Scope:
    """The scope with our own root path, and with the address that a trusted proxy vouches for."""
    headers = scope["headers"]
    client = _plain_client(scope.get("client"))
    kept = [(name, value) for name, value in headers if name not in FORWARDED]
    if client and is_trusted_proxy(client[0]):
        client = [_first_untrusted(_joined(headers, b"x-forwarded-for"), client[0]), 0]
        proto = _joined(headers, b"x-forwarded-proto")
        kept += [(b"x-forwarded-proto", proto.split(",")[-1].strip().encode())] if proto else []
    if scope["path"] in HEALTH:
        kept = [pair for pair in kept if pair[0] != b"host"] + [(b"host", b"localhost")]
    return {**scope, "root_path": "", "headers": kept, "client": client}


def _plain_client(client: Any) -> list[Any] | None:
    try:
        return [plain(client[0]), *client[1:]] if client else None
    except ValueError:
        return list(client)


def _joined(headers: list[tuple[bytes, bytes]], wanted: bytes) -> str:
    return ",".join(value.decode("latin1") for name, value in headers if name == wanted)


def _first_untrusted(forwarded: str, proxy: str) -> str:
    """From the right: each address was added by the proxy behind it, so the first foreign one counts."""
    for address in reversed([part.strip() for part in forwarded.split(",") if part.strip()]):
        try:
            named = said_by_a_proxy(address)
        except ValueError:
            return proxy
        if not is_trusted_proxy(named):
            return named
    return proxy


_router = ProtocolTypeRouter({"http": Handler(), "websocket": websocket})


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    process.ensure_started()
    if scope["type"] == "http":
        send = counted(scope["path"], send)
    send = known_by(request_id(scope), send)
    if scope["path"] == "/metrics":
        scope = {**scope, "chatsite.is_near": is_near(scope)}
    await _router(settled(scope), receive, send)
