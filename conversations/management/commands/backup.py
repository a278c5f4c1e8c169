"""`manage.py backup OUT`: all of the site in one file, while it runs."""

import os
import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connections

from conversations.backup.take import Taken, take
from conversations.errors import Refusal
from conversations.management import own_postgres

DONE = "Backed up: {rows:,} rows of {tables} tables, {pictures:,} pictures. {bytes:,} bytes."
LOST = "{count} pictures are named by rows, and their files are lost or damaged:"


class Command(BaseCommand):
    help = (
        "Write the whole site into one archive, while it runs: the database as it is at this moment, the "
        "pictures, and the secret key where the site made it itself. Keep it as you keep a password."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("out", help="A file that is not there yet; - is standard output.")
        parser.add_argument(
            "--without-pictures",
            action="store_true",
            help="Leave them out: those in a bucket have a backup of their own there.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        with_pictures = not options["without_pictures"]
        try:
            with own_postgres.running():
                try:
                    taken = self._written(options["out"], with_pictures=with_pictures)
                finally:
                    connections.close_all()
        except Refusal as problem:
            raise CommandError(str(problem)) from None
        self._tell(taken)

    def _written(self, out: str, *, with_pictures: bool) -> Taken:
        if out == "-":
            return take(sys.stdout.buffer, with_pictures=with_pictures)
        place = Path(out)
        if place.exists():
            raise CommandError(f"{place} is there already. A backup never replaces another one.")
        part = place.with_name(f".{place.name}.{os.getpid()}.part")
        try:
            with os.fdopen(
                os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb"
            ) as file:
                taken = take(file, with_pictures=with_pictures)
                file.flush()
                os.fsync(file.fileno())
            os.link(part, place)  # never over another one that came meanwhile
        except OSError as problem:
            raise CommandError(f"{place} cannot be written: {problem.strerror}.") from None
        finally:
            part.unlink(missing_ok=True)
        return taken

    def _tell(self, taken: Taken) -> None:
        rows, tables = sum(taken.rows.values()), len(taken.rows)
        done = DONE.format(rows=rows, tables=tables, pictures=taken.pictures, bytes=taken.bytes)
        # Not to standard output, where the archive itself may be.
        self.stderr.write(f"{done}\nDigest: {taken.digest}")
        if taken.missing:
            self.stderr.write(LOST.format(count=len(taken.missing)))
            for name in taken.missing:
                self.stderr.write(f"  {name}")
