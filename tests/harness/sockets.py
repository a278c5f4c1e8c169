"""A browser's WebSocket, spoken by hand and synchronously."""

import json
import secrets
import time
from typing import Any, Self

from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin

Frame = dict[str, Any]
# How long something may take that must come: on a busy machine, where the server, Postgres and the test share
# what is left of two processors. How soon it comes is said where that is what a test is about.
PATIENCE = 45.0


class Refused(AssertionError):
    """The server answered with an `error` frame."""

    def __init__(self, frame: Frame) -> None:
        super().__init__(f"{frame.get('code')}: {frame.get('message')}")
        self.frame = frame
        self.code = frame.get("code")


class Socket:
    """One tab. `frames` has every frame that came, in order; `until` may find its one there."""

    def __init__(self, url: str, *, origin: str | None, cookies: dict[str, str]) -> None:
        cookie = "; ".join(f"{name}={value}" for name, value in cookies.items())
        opening = connect(
            url,
            origin=Origin(origin) if origin else None,
            additional_headers={"Cookie": cookie} if cookie else None,
            compression=None,
            max_size=None,
            open_timeout=PATIENCE,
            close_timeout=2,
            ping_interval=None,
        )
        self.connection: ClientConnection = opening.__enter__()
        self.frames: list[Frame] = []
        self.arrivals: list[float] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self.connection.close()

    def cut(self) -> None:
        """The network goes: no close frame, the TCP connection is simply gone."""
        self.connection.socket.shutdown(2)
        self.connection.socket.close()

    def send(self, frame: object) -> None:
        self.connection.send(json.dumps(frame))

    def send_raw(self, data: str | bytes) -> None:
        self.connection.send(data)

    def receive(self, timeout: float = PATIENCE) -> Frame:
        """The next frame; TimeoutError when none comes."""
        data = self.connection.recv(timeout)
        assert isinstance(data, str), "the server sends text frames only"
        frame = json.loads(data)
        self.frames.append(frame)
        self.arrivals.append(time.monotonic())
        return frame  # type: ignore[no-any-return]

    def until(self, type: str, *, timeout: float = PATIENCE, **having: Any) -> Frame:
        """The first frame of this type with these fields, among those that came or that will."""
        end = time.monotonic() + timeout
        seen = 0
        while True:
            for frame in self.frames[seen:]:
                if frame.get("type") == type and all(frame.get(k) == v for k, v in having.items()):
                    return frame
            seen = len(self.frames)
            try:
                self.receive(max(0.0, end - time.monotonic()))
            except TimeoutError:
                names = [frame.get("type") for frame in self.frames[-20:]]
                raise AssertionError(
                    f"No {type} {having} within {timeout} s, only {names}"
                ) from None

    def answer_to(self, id: str, timeout: float = PATIENCE) -> Frame:
        """The ack or pong for `id`; `Refused` when it is an error."""
        end = time.monotonic() + timeout
        seen = 0
        while True:
            for frame in self.frames[seen:]:
                if frame.get("id") == id and frame.get("type") in ("ack", "pong", "error"):
                    if frame["type"] == "error":
                        raise Refused(frame)
                    return frame
            seen = len(self.frames)
            try:
                self.receive(max(0.0, end - time.monotonic()))
            except TimeoutError:
                raise AssertionError(f"Nothing answered {id!r} within {timeout} s.") from None

    def call(
        self, type: str, *, id: str | None = None, timeout: float = PATIENCE, **fields: Any
    ) -> Frame:
        """Send a command and wait for its ack."""
        id = id or secrets.token_hex(8)
        self.send({"type": type, "id": id, **fields})
        return self.answer_to(id, timeout)

    def refusal(self, type: str, **fields: Any) -> Frame:
        """Send a command that must be refused; the error frame."""
        try:
            answer = self.call(type, **fields)
        except Refused as refused:
            return refused.frame
        raise AssertionError(f"{type} was not refused but answered: {answer}")

    def open(self, conversation: str, have: dict[str, Any] | None = None) -> Frame:
        return self.call("conversation.open", conversation=conversation, have=have or {})

    def lives(self) -> bool:
        """A ping comes back."""
        return bool(self.call("ping")["type"] == "pong")

    def silence(self, seconds: float) -> list[Frame]:
        """Listen for a while; what came."""
        before = len(self.frames)
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            try:
                self.receive(left)
            except TimeoutError:
                break
        return self.frames[before:]

    def close_code(self, timeout: float = PATIENCE) -> int:
        """Listen until the server closes; its close code (1006: none was given)."""
        end = time.monotonic() + timeout
        try:
            while True:
                self.receive(max(0.0, end - time.monotonic()))
        except ConnectionClosed as closed:
            return closed.rcvd.code if closed.rcvd else 1006
        except TimeoutError:
            raise AssertionError(f"The socket was not closed within {timeout} s.") from None

    def text(self, run: str, start: int = 0, kind: str = "run.delta") -> str:
        """What the deltas of a run make together; a gap or an overlap is a failure."""
        text = ""
        for frame in self.frames:
            if frame.get("type") == kind and frame.get("run") == run:
                assert frame["at"] == start + len(text), (
                    f"delta at {frame['at']}, held {start + len(text)}"
                )
                text += frame["text"]
        return text

    def pieces(self, run: str) -> list[str]:
        return [
            f["text"] for f in self.frames if f.get("type") == "run.delta" and f.get("run") == run
        ]

    def wait_for_text(
        self, run: str, length: int = 1, start: int = 0, timeout: float = PATIENCE
    ) -> str:
        """Listen until `length` characters of the answer are here."""
        end = time.monotonic() + timeout
        while len(self.text(run, start)) < length:
            self.receive(max(0.0, end - time.monotonic()))
        return self.text(run, start)
