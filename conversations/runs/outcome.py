"""How a run ended, and every call that was made for it: filled by the conductor, read by who seals it."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from conversations.errors import Refusal
from conversations.models.conversation import Status
from conversations.provider.interface import Model, Report, Request, Usage
from conversations.runs import answer_cache
from conversations.runs.start import Turn
from conversations.usage.ledger import CACHED, Call


@dataclass(slots=True)
class Outcome:
    status: Status = Status.INTERRUPTED
    finish_reason: str = ""
    problem: Refusal | None = None
    model: Model | None = None
    calls: list[Call] = field(default_factory=list)
    left_out: int = 0
    crowded: int = 0
    sight: str = ""
    # Where the answer may be kept for others (answer_cache.py); what it took, when it came from there.
    slot: answer_cache.Slot | None = None
    took: Usage | None = None
    # The id of the model that was asked, while its fall-back answers.
    instead_of: str = ""
    # What the newest request was made of (sent.py).
    turns: Sequence[Turn] = ()
    # Nothing of what the provider said is in it.
    bare: bool = False

    def stripped(self) -> "Outcome":
        """A failure, with the calls that were made: what they took, and nothing of what was said."""
        told = Outcome(Status.FAILED, problem=Refusal(), bare=True)
        told.follow(self)
        told.calls = [
            Call(
                at=call.at,
                attempt=call.attempt,
                model=call.model,
                outcome="internal",
                counted=call.usage,
                estimated=call.estimated,
            )
            for call in self.calls
        ]
        return told

    @property
    def usage(self) -> Usage | None:
        if self.is_cached:
            return self.took
        reported = [call.report.usage for call in self.calls if call.report.usage]
        return reported[-1] if reported else None

    @property
    def is_cached(self) -> bool:
        return any(call.outcome == CACHED for call in self.calls)

    @property
    def report(self) -> Report:
        """Of the newest call."""
        return self.calls[-1].report if self.calls else Report()

    def ask(self, request: Request, *, instead_of: str = "") -> None:
        """Whom, and how much of the conversation it gets to read."""
        self.model, self.left_out, self.instead_of = request.model, request.left_out, instead_of
        self.crowded, self.sight, self.turns = request.crowded, request.sight, request.turns

    def follow(self, known: "Outcome") -> None:
        """Whoever ends a run before its time decides how; whom it asked and what that took stays true."""
        self.model, self.instead_of, self.left_out = known.model, known.instead_of, known.left_out
        self.calls, self.sight, self.turns = known.calls, known.sight, known.turns

    def end(self, status: Status, problem: Refusal | None = None) -> None:
        self.status, self.problem = status, problem
