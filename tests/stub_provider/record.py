"""What the stub was asked, kept for the test to look at."""

import base64
import json
import threading
import time
from dataclasses import dataclass, field
from typing import Any

# Seconds for what must come, however busy the machine is.
PATIENCE = 45.0
# How a request for a title begins (conversations/runs/prompts/title.v1.toml).
TITLE = "You give a conversation its title."
# … and one for a summary (conversations/runs/prompts/).
SUMMARY = "You write down what matters of the earlier part"


@dataclass
class Request:
    """One request as it came in, and how its connection ended. Times are `time.monotonic()`."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    client: int = 0  # the port it came from: the same one is the same connection
    arrived_at: float = field(default_factory=time.monotonic)
    answered_at: float | None = None
    closed_by_client_at: float | None = None
    _closed: threading.Event = field(default_factory=threading.Event, repr=False)

    @property
    def json(self) -> dict[str, Any]:
        parsed = json.loads(self.body or b"null")
        return parsed if isinstance(parsed, dict) else {}

    @property
    def messages(self) -> list[dict[str, Any]]:
        return [message for message in self.json.get("messages", []) if isinstance(message, dict)]

    @property
    def last_user_text(self) -> str:
        users = [message for message in self.messages if message.get("role") == "user"]
        return text_of(users[-1]) if users else ""

    @property
    def wants_title(self) -> bool:
        return self._begins(TITLE)

    @property
    def wants_summary(self) -> bool:
        return self._begins(SUMMARY)

    def _begins(self, words: str) -> bool:
        first = self.messages[0] if self.messages else {}
        return first.get("role") in ("system", "developer") and text_of(first).startswith(words)

    @property
    def parameters(self) -> dict[str, Any]:
        """Everything but the messages."""
        return {name: value for name, value in self.json.items() if name != "messages"}

    def said(self) -> list[tuple[str, str]]:
        """The history in short: role and text of each message."""
        return [(str(message.get("role")), text_of(message)) for message in self.messages]

    def images(self) -> list[bytes]:
        """Every image of every message, decoded from its data URL."""
        parts = [part for message in self.messages for part in parts_of(message)]
        urls = [part["image_url"]["url"] for part in parts if part.get("type") == "image_url"]
        return [base64.b64decode(url.partition(";base64,")[2], validate=True) for url in urls]

    def client_left(self) -> None:
        self.closed_by_client_at = time.monotonic()
        self._closed.set()

    def wait_until_closed(self, timeout: float = PATIENCE) -> float:
        """When the client closed the connection before the answer had ended."""
        if not self._closed.wait(timeout) or self.closed_by_client_at is None:
            raise AssertionError(f"The connection was still open after {timeout} s.")
        return self.closed_by_client_at


def parts_of(message: dict[str, Any]) -> list[dict[str, Any]]:
    """A message's content as parts, however it was written."""
    content = message.get("content")
    if isinstance(content, str):
        return [{"type": "text", "text": content}]
    return [part for part in content or [] if isinstance(part, dict)]


def text_of(message: dict[str, Any]) -> str:
    return "".join(
        str(part.get("text", "")) for part in parts_of(message) if part.get("type") == "text"
    )
