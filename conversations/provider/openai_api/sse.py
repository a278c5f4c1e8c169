"""Server-sent events, read from bytes as they come.

https://html.spec.whatwg.org/multipage/server-sent-events.html, section 9.2.6. Building the SDK's
chunk objects costs some 40 times as much as this (STACK-FACTS.md).
"""

from typing import NamedTuple

BYTE_ORDER_MARK = b"\xef\xbb\xbf"


class Event(NamedTuple):
    name: bytes
    data: bytes


class Lines:
    """Cuts a stream of bytes at LF, CRLF or CR, wherever the packets are cut."""

    def __init__(self) -> None:
        # The beginning of a line, as it came: joined once, however small the packets are.
        self._rest: list[bytes] = []
        self.waiting = 0

    def feed(self, received: bytes) -> list[bytes]:
        self._rest.append(received)
        self.waiting += len(received)
        if b"\n" not in received and b"\r" not in received and not self._held_cr():
            return []
        buffer, held = b"".join(self._rest), b""
        if buffer.endswith(b"\r"):  # perhaps the first half of CRLF
            buffer, held = buffer[:-1], b"\r"
        if b"\r" in buffer:
            buffer = buffer.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        *lines, rest = buffer.split(b"\n")
        self._rest, self.waiting = [rest + held], len(rest + held)
        return lines

    def _held_cr(self) -> bool:
        return len(self._rest) > 1 and self._rest[-2].endswith(b"\r")


class Events:
    """The events whose last byte has come. Comments and unknown fields are passed over."""

    def __init__(self) -> None:
        self._lines = Lines()
        self._name = b""
        self._data: list[bytes] = []
        self._first = True

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

    def rest(self) -> list[Event]:
        """The bytes are over: an event that lacks its last line break."""
        return self.feed(b"\n\n")

    @property
    def waiting(self) -> int:
        """Bytes of an event whose end has not come."""
        return self._lines.waiting + sum(map(len, self._data))

    def _field(self, line: bytes) -> None:
        if self._first:
            line, self._first = line.removeprefix(BYTE_ORDER_MARK), False
        name, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        if name == b"data":
            self._data.append(value)
        elif name == b"event":
            self._name = value
