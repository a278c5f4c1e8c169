"""A WebSocket client with its hands on the bytes: it reads only when told, and may be rude."""

import base64
import json
import os
import socket
import struct
from dataclasses import dataclass
from typing import Any, Self

from tests.harness.people import PATIENCE, Person

# Small, so that the server and not the kernel holds what is not read.
BUFFER_BYTES = 16 * 1024
TEXT, CLOSE, PING, PONG = 0x1, 0x8, 0x9, 0xA


@dataclass(frozen=True)
class Gone(Exception):
    """The connection has ended; 1006 when no close frame came."""

    code: int


class RawSocket:
    def __init__(self, person: Person, port: int | None = None) -> None:
        server = person.server
        self.line = socket.socket()
        self.line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER_BYTES)
        self.line.settimeout(PATIENCE)
        self.line.connect(("127.0.0.1", port or server.port))
        self.port: int = self.line.getsockname()[1]
        cookies = "; ".join(f"{name}={value}" for name, value in person.cookies.items())
        self._held = b""
        self._shake_hands(f"127.0.0.1:{server.port}", server.origin, cookies)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.line.close()

    def _shake_hands(self, host: str, origin: str, cookies: str) -> None:
        lines = [
            "GET /ws/v1/ HTTP/1.1",
            f"Host: {host}",
            f"Origin: {origin}",
            f"Cookie: {cookies}",
            "Upgrade: websocket",
            "Connection: Upgrade",
            "Sec-WebSocket-Version: 13",
            f"Sec-WebSocket-Key: {base64.b64encode(os.urandom(16)).decode()}",
        ]
        self.line.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
        while b"\r\n\r\n" not in self._held:
            self._receive()
        head, self._held = self._held.split(b"\r\n\r\n", 1)
        assert b" 101 " in head.split(b"\r\n", 1)[0], head

    def send(self, frame: object) -> None:
        self.send_raw(json.dumps(frame).encode())

    def send_raw(self, text: bytes) -> None:
        self.line.sendall(masked(text))

    def pour(self, data: bytes, times: int) -> bool:
        """Whether all of it was taken; a line that is full or cut takes no more."""
        try:
            for _ in range(times):
                self.line.sendall(data)
        except OSError:
            return False
        return True

    def receive(self) -> tuple[int, bytes]:
        """The next frame: opcode and payload. Raises Gone."""
        first, length = self._take(2)
        assert not length & 0x80, "a server does not mask"
        if length == 126:
            (length,) = struct.unpack("!H", self._take(2))
        elif length == 127:
            (length,) = struct.unpack("!Q", self._take(8))
        payload = self._take(length)
        if first & 0x0F == CLOSE:
            raise Gone(struct.unpack("!H", payload[:2])[0])
        return first & 0x0F, payload

    def receive_frame(self) -> dict[str, Any]:
        """The next frame of the protocol; pings before it are answered. Raises Gone."""
        while True:
            opcode, payload = self.receive()
            if opcode == TEXT:
                frame: dict[str, Any] = json.loads(payload)
                return frame
            if opcode == PING:
                self.line.sendall(masked(payload, PONG))

    def until_gone(self) -> tuple[list[dict[str, object]], int]:
        """Read to the end: the frames that came, and the close code."""
        frames: list[dict[str, object]] = []
        try:
            while True:
                opcode, payload = self.receive()
                if opcode == TEXT:
                    frames.append(json.loads(payload))
        except Gone as gone:
            return frames, gone.code

    def _take(self, count: int) -> bytes:
        while len(self._held) < count:
            self._receive()
        taken, self._held = self._held[:count], self._held[count:]
        return taken

    def _receive(self) -> None:
        try:
            data = self.line.recv(256 * 1024)
        except ConnectionError:
            data = b""
        if not data:
            raise Gone(1006)
        self._held += data


def masked(text: bytes, opcode: int = TEXT) -> bytes:
    """A frame with a mask of zeros, which is a mask."""
    if len(text) < 126:
        head = struct.pack("!BB", 0x80 | opcode, 0x80 | len(text))
    elif len(text) < 65536:
        head = struct.pack("!BBH", 0x80 | opcode, 0x80 | 126, len(text))
    else:
        head = struct.pack("!BBQ", 0x80 | opcode, 0x80 | 127, len(text))
    return head + bytes(4) + text
