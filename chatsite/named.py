"""The id of a request: the log and the answer call it so, and a trusted proxy before us may have begun to."""

import re
from collections.abc import Awaitable, Callable
from typing import Any

from chatsite.peers import is_trusted_proxy, plain
from conversations import traced
from conversations.ids import uuid7

Send = Callable[[dict[str, Any]], Awaitable[None]]

HEADER = b"x-request-id"
# It goes into a log and into a header.
ALLOWED = re.compile(rb"[\w.:-]{8,64}")


def request_id(scope: dict[str, Any]) -> str:
    """A stranger cannot choose it: lines of several requests would look like those of one."""
    if _is_from_a_proxy(scope.get("client")):
        for name, value in scope["headers"]:
            if name == HEADER and ALLOWED.fullmatch(value):
                return str(value.decode("ascii"))
    return str(uuid7())


def _is_from_a_proxy(client: Any) -> bool:
    try:
        return bool(client) and is_trusted_proxy(plain(client[0]))
    except ValueError:
        return False


def known_by(id: str, send: Send) -> Send:
    """`send`, which tells the answer's reader by which id the log knows it."""
    traced.request(id)

    async def sending(message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            message = {**message, "headers": [*message.get("headers", ()), (HEADER, id.encode())]}
        await send(message)

    return sending
