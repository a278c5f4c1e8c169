"""Server-sent events, read from bytes as they come.

https://html.spec.whatwg.org/multipage/server-sent-events.html, section 9.2.6. Building the SDK's
chunk objects costs some 40 times as much as this (STACK-FACTS.md).
"""

from typing import NamedTuple


class Event(NamedTuple):
    name: bytes
    data: bytes


class Lines:
    """Cuts a stream of bytes at LF, CRLF or CR, wherever the packets are cut."""

    def __init__(self) -> None:
        self.rest = b""

    def feed(self, received: bytes) -> list[bytes]:
        buffer = self.rest + received
        held = b""
        if buffer.endswith(b"\r"):  # perhaps the first half of CRLF
            buffer, held = buffer[:-1], b"\r"
        if b"\r" in buffer:
            buffer = buffer.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        *lines, rest = buffer.split(b"\n")
        self.rest = rest + held
        return lines


class Events:
    """The events whose last byte has come. Comments and unknown fields are passed over."""

    def __init__(self) -> None:
        self._lines = Lines()
        self._name = b""
        self._data: list[bytes] = []

    def feed(self, received: bytes) -> list[Event]:
        found: list[Event] = []
        for line in self._lines.feed(received):
            if line:
                self._field(line)
            elif self._data:
                found.append(Event(self._name, b"\n".join(self._data)))
                self._name, self._data = b"", []
            else:
                self._name = b""
        return found

    @property
    def half(self) -> bool:
        """Whether an event has begun whose end has not come."""
        return bool(self._data or self._lines.rest.strip())

    def _field(self, line: bytes) -> None:
        name, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        if name == b"data":
            self._data.append(value)
        elif name == b"event":
            self._name = value
