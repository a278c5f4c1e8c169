"""The shelf that each family puts its files on."""

from collections.abc import Callable
from dataclasses import dataclass

TAKEN, DAMAGED, LARGE, HARD = "taken", "damaged", "too_large", "too_hard"
# Words that must not be in what is stored.
SECRETS = (b"<script>", b"<?php", b"PK\x03\x04", b"alert(", b"/bin/sh")


@dataclass(frozen=True)
class Case:
    """`ends`: any of these is right, for the decoders of tomorrow may forgive more or less."""

    name: str
    content: Callable[[], bytes]
    ends: frozenset[str]

    def __str__(self) -> str:
        return self.name


CASES: list[Case] = []


def hostile(*ends: str) -> Callable[[Callable[[], bytes]], Callable[[], bytes]]:
    """The decorated function makes one such file."""

    def keep(made: Callable[[], bytes]) -> Callable[[], bytes]:
        CASES.append(Case(made.__name__, made, frozenset(ends)))
        return made

    return keep


def each(prefix: str, contents: dict[str, Callable[[], bytes]], *ends: str) -> None:
    """A family of files that end alike."""
    CASES.extend(
        Case(f"{prefix}_{name}", content, frozenset(ends)) for name, content in contents.items()
    )
