"""A file that a command writes: it has its name only once it is whole, and takes the place of no other."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from django.core.management.base import CommandError

IS_THERE = "{place} is there already: it is never replaced."


@contextmanager
def new_file(place: Path) -> Iterator[IO[bytes]]:
    """Nobody else may read it. Raises CommandError or OSError, and then there is none."""
    if place.exists():
        raise CommandError(IS_THERE.format(place=place))
    part = place.with_name(f".{place.name}.{os.getpid()}.part")
    try:
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.link(part, place)  # never over another one that came meanwhile
    finally:
        part.unlink(missing_ok=True)
