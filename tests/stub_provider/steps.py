"""What the stub can be told to do while it answers, one small thing each.

A plain string among the steps is `Say`. Steps of a reply are played in order; what ends an
ordinary answer (finish reason, usage, `[DONE]`) is the reply's and comes after them.
"""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Say:
    """One delta of text, sent after `delay` seconds."""

    text: str
    delay: float = 0.0


@dataclass(frozen=True)
class Think:
    """One delta of `reasoning_content`, as DeepSeek, vLLM and llama.cpp send it."""

    text: str


@dataclass(frozen=True)
class Refuse:
    """One delta of `refusal`."""

    text: str


@dataclass(frozen=True)
class CallTool:
    """A tool call whose arguments arrive in `pieces`; some servers leave out `index` or `id`."""

    name: str
    arguments: str
    id: str = "call_1"
    index: int = 0
    pieces: int = 3
    leave_out: tuple[str, ...] = ()


@dataclass(frozen=True)
class Sleep:
    seconds: float


@dataclass(frozen=True)
class Pause:
    """Nothing more until the test calls `resume()`."""


@dataclass(frozen=True)
class Event:
    """A data event with this payload instead of a chunk of ours."""

    payload: Any
    event: str | None = None


@dataclass(frozen=True)
class Raw:
    """Bytes into the body as they are: garbage, half an event, wrong UTF-8."""

    data: bytes


@dataclass(frozen=True)
class Chunk:
    """A chunk object of ours with fields changed, such as `{"choices": [{"delta": None}]}`."""

    changes: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Comments:
    """Keep-alive comment lines; for ever when `count` is None."""

    every: float = 0.05
    count: int | None = None


@dataclass(frozen=True)
class Stall:
    """The connection stays open and silent until the client leaves."""


@dataclass(frozen=True)
class EndOfBody:
    """The body ends well formed, as if all had been said: a clean end of file."""


@dataclass(frozen=True)
class Cut:
    """The connection is closed in the middle of the body (FIN)."""


@dataclass(frozen=True)
class Reset:
    """The connection is reset (RST)."""


Step = (
    Say
    | Think
    | Refuse
    | CallTool
    | Sleep
    | Pause
    | Event
    | Raw
    | Chunk
    | Comments
    | Stall
    | EndOfBody
    | Cut
    | Reset
)

pause = Pause()
stall = Stall()
end_of_body = EndOfBody()
cut = Cut()
reset = Reset()


def finished(reason: str = "stop") -> Chunk:
    """The chunk with the finish reason, for what is to come behind it: give the reply `finish=None`."""
    return Chunk({"choices": [{"index": 0, "delta": {}, "finish_reason": reason}]})


def words(text: str, delay: float = 0.0) -> list[Step]:
    """`text` word by word, each with the space behind it, as models tend to send it."""
    parts = [part + " " for part in text.split(" ")]
    parts[-1] = parts[-1].removesuffix(" ")
    return [Say(part, delay) for part in parts if part]


def deltas(text: str, size: int, delay: float = 0.0) -> list[Step]:
    """`text` in pieces of `size` characters."""
    return [Say(text[at : at + size], delay) for at in range(0, len(text), size)]
