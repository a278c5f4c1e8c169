"""What was broken and what it did, case by case: the table that `make chaos` ends with."""

from dataclasses import dataclass, field

from tests.server.chaos.history import Finding, Kind


@dataclass
class Line:
    case: str
    faults: int = 0
    answers: int = 0
    found: list[Finding] = field(default_factory=list)

    @property
    def numbers(self) -> list[int]:
        found = [sum(finding.kind is kind for finding in self.found) for kind in Kind]
        return [self.faults, self.answers, *found]


LINES: list[Line] = []


def table(lines: list[Line]) -> str:
    """In Markdown, as it stands in bench/RESULTS.md."""
    head = ["case", "faults", "answers", *(kind.value for kind in Kind)]
    ruler = ["---", *["--:"] * (len(head) - 1)]
    rows = [_row(line.case, line.numbers) for line in lines]
    sums = _row(
        "all", [sum(column) for column in zip(*(line.numbers for line in lines), strict=True)]
    )
    return "\n".join(f"| {' | '.join(row)} |" for row in [head, ruler, *rows, sums])


def _row(name: str, numbers: list[int]) -> list[str]:
    return [name, *map(str, numbers)]
