"""Files that only somebody who means harm makes, and how each has to end: a family a module."""

from tests.pure.hostile import (  # noqa: F401 each of them adds its files to CASES
    animations,
    containers,
    jpegs,
    plain,
    pngs,
    strangers,
)
from tests.pure.hostile.cases import CASES, DAMAGED, LARGE, TAKEN, Case

__all__ = ["CASES", "DAMAGED", "LARGE", "TAKEN", "Case"]
