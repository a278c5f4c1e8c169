"""What happened in one case, as every side of it saw it: who asked, the tabs, the provider, Postgres."""

import time
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from tests.server.chaos.view import Frame, View

Row = dict[str, Any]


class Kind(Enum):
    """How a promise is broken; the columns of the table."""

    LOST = "lost"
    DOUBLED = "doubled"
    TOLD = "wrongly told"
    LEFT = "left behind"


@dataclass(frozen=True)
class Finding:
    kind: Kind
    what: str

    def __str__(self) -> str:
        return f"{self.kind.value}: {self.what}"


@dataclass(frozen=True)
class Call:
    """A request as the provider saw it, until all was said or the client closed the connection."""

    arrived_at: float
    over_at: float | None = None
    said_all: bool = False  # it was the provider that had no more to say


@dataclass(frozen=True)
class Stop:
    """A stop that was acknowledged, and how much of the answer that tab showed at its ack."""

    asked_at: float
    acked_at: float
    shown: int | None
    lag: float = 0.0


@dataclass(frozen=True)
class Death:
    """When the process that answered was killed, and how late this machine was around that time."""

    at: float
    lag: float = 0.0


@dataclass(eq=False)
class Question:
    """One question, however often it was sent. `whole` is what the model says when nobody cuts it."""

    key: str
    text: str
    whole: str
    finishes: bool = True
    after: "Question | None" = None
    acks: list[Frame] = field(default_factory=list)
    refusals: list[Frame] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)
    stops: list[Stop] = field(default_factory=list)
    death: Death | None = None
    deleted: bool = False
    edited: bool = False

    @property
    def run(self) -> str:
        return str(self.acks[0]["run"]["id"]) if self.acks else ""

    @property
    def conversation(self) -> str:
        return str(self.acks[0]["conversation"]["id"])

    @property
    def answer(self) -> str:
        return str(self.acks[0]["message"]["id"])

    def died(self, lag: float = 0.0) -> None:
        """Say, right before the signal, that whoever answers this is about to be killed."""
        self.death = Death(time.monotonic(), lag)


@dataclass
class Stored:
    """Rows as they are in Postgres at the end."""

    messages: dict[str, Row] = field(default_factory=dict)
    runs: dict[str, Row] = field(default_factory=dict)
    charges: list[Row] = field(default_factory=list)
    journal: dict[str, int] = field(default_factory=dict)


@dataclass
class History:
    questions: list[Question] = field(default_factory=list)
    views: list[View] = field(default_factory=list)
    stored: Stored = field(default_factory=Stored)
    fresh: dict[str, Frame] = field(default_factory=dict)
    left: list[str] = field(default_factory=list)
    # Whether the provider's line is broken here: more than one call for one answer, and less of it than
    # the provider said, are what this case wants to see.
    retries: bool = False
