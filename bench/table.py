"""The figures, ours beside the reference's, and whether the goal of a figure is met."""

from collections.abc import Iterable
from dataclasses import dataclass
from statistics import median

Readings = dict[str, float]


@dataclass(frozen=True)
class Figure:
    name: str
    unit: str
    ours: float
    reference: float | None = None
    goal: str = ""
    met: bool | None = None

    def cells(self) -> tuple[str, ...]:
        verdict = {None: "", True: "yes", False: "NO"}[self.met]
        factor = f"{self.ours / self.reference:.2g}" if self.reference else ""
        other = "–" if self.reference is None else amount(self.reference)
        return self.name, amount(self.ours), other, factor, self.unit, self.goal, verdict


HEAD = ("figure", "ours", "bare", "ours/bare", "unit", "goal", "met")


def amount(value: float) -> str:
    return f"{value:,.0f}" if value >= 1000 else f"{value:.3g}" if value < 100 else f"{value:.0f}"


def medians(rounds: Iterable[Readings]) -> Readings:
    """The median of each reading over repeated rounds."""
    rounds = list(rounds)
    return {name: median(each[name] for each in rounds) for name in rounds[0]}


def markdown(figures: Iterable[Figure]) -> str:
    rows = [HEAD, *(figure.cells() for figure in figures)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEAD))]
    lines = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |"
        for row in rows
    ]
    return "\n".join(
        [lines[0], "|" + "|".join("-" * (width + 2) for width in widths) + "|", *lines[1:]]
    )
