"""Sums of calls (models/rollups.py) as numbers that can be added up and read."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from conversations.models.rollups import AMOUNTS, COUNTS, SUMS, WAIT_ENDS

# The first columns of the sums: all but the steps of the time to the first token.
PLAIN = (*COUNTS, *AMOUNTS)
PLACE = {name: place for place, name in enumerate(SUMS)}
FIRST_WAIT = len(PLAIN)
# The last step has no end; nobody waits longer than the deadline of a call.
LONGEST_MS = 120_000


@dataclass(slots=True)
class Figures:
    """`sums` in the order of SUMS, or of PLAIN."""

    sums: list[int] = field(default_factory=lambda: [0] * len(SUMS))

    @classmethod
    def plain(cls) -> "Figures":
        """Without the steps of the time to the first token."""
        return cls([0] * len(PLAIN))

    def add(self, sums: Sequence[int]) -> None:
        for place, value in enumerate(sums):
            self.sums[place] += value

    def __getitem__(self, name: str) -> int:
        return self.sums[PLACE[name]]

    @property
    def cost_micros(self) -> int | None:
        """None: no price is known, which is not the same as free."""
        return self["cost_micros"] if self["priced"] else None

    @property
    def tokens(self) -> int:
        return self["input_tokens"] + self["output_tokens"]

    @property
    def error_rate(self) -> float | None:
        return self["errors"] / self["calls"] if self["calls"] else None

    def wait(self, percent: int) -> float | None:
        """Seconds within which the first token came, for so many of a hundred answers."""
        return percentile(self.sums[FIRST_WAIT:], percent)


def percentile(steps: Sequence[int], percent: int) -> float | None:
    """From a histogram; within a step they are taken to lie evenly."""
    wanted = sum(steps) * percent / 100
    if not wanted:
        return None
    begin, passed = 0, 0
    for count, end in zip(steps, (*WAIT_ENDS, LONGEST_MS), strict=True):
        if count and passed + count >= wanted:
            return (begin + (end - begin) * (wanted - passed) / count) / 1000
        begin, passed = end, passed + count
    return LONGEST_MS / 1000
