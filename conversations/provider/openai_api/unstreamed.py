"""An answer all at once, of a server that was asked for a stream and sends none: one object."""

from conversations.provider.openai_api.sse import Event


def is_begun_by(received: bytes) -> bool:
    """No line of a stream begins so. Before it may stand white space, by which servers say that they work."""
    return received.lstrip().startswith(b"{")


class Unstreamed:
    """As a stream of one event, whose end is that of the body."""

    def __init__(self) -> None:
        self._came: list[bytes] = []
        self.waiting = 0

    def feed(self, received: bytes) -> list[Event]:
        self._came.append(received)
        self.waiting += len(received)
        return []

    def rest(self) -> list[Event]:
        return [Event(b"", b"".join(self._came))]
