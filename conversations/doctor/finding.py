"""What the doctor says of one thing."""

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    OK = "ok"
    # It works, and somebody should know.
    MIND = "mind"
    # Something does not work, or is open to the world, or will be lost.
    WRONG = "wrong"
    # It could not be looked at.
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Finding:
    """`what` is so; `why` it matters and what to `do` are said where it is not as it should be."""

    name: str
    state: State
    what: str
    why: str = ""
    do: str = ""


def ok(name: str, what: str) -> Finding:
    return Finding(name, State.OK, what)


def mind(name: str, what: str, *, why: str, do: str) -> Finding:
    return Finding(name, State.MIND, what, why, do)


def wrong(name: str, what: str, *, why: str, do: str) -> Finding:
    return Finding(name, State.WRONG, what, why, do)


def unknown(name: str, what: str) -> Finding:
    return Finding(name, State.UNKNOWN, what)
