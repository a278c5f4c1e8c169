"""Requests, counted by the door they came to. What is asked for in its address is no label."""

import time
from collections.abc import Awaitable, Callable
from typing import Any

from conversations import counts

Send = Callable[[dict[str, Any]], Awaitable[None]]

DOORS = {
    "/api/": "api",
    "/admin/": "admin",
    "/static/": "static",
    "/accounts/": "accounts",
    "/share/": "share",
    "/images/": "files",
    "/files/": "files",
    "/healthz": "health",
    "/readyz": "health",
    "/metrics": "metrics",
}
PAGES = "pages"


def counted(path: str, send: Send) -> Send:
    """`send`, which counts the request when its answer begins."""
    began = time.perf_counter()
    door = next((name for prefix, name in DOORS.items() if path.startswith(prefix)), PAGES)

    async def sending(message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            counts.REQUESTS.labels(door, str(message["status"])).inc()
            counts.REQUEST_SECONDS.labels(door).observe(time.perf_counter() - began)
        await send(message)

    return sending
