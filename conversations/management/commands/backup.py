"""`manage.py backup OUT`: all of the site in one file, while it runs."""

import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connections

from conversations.backup.take import Taken, take
from conversations.errors import Refusal
from conversations.management import own_postgres
from conversations.management.whole_file import new_file

DONE = "Backed up: {rows:,} rows of {tables} tables, {pictures:,} pictures. {bytes:,} bytes."
NO_BACKUP = "{out} cannot be written: {why}. There is no backup."
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
        try:
            if out == "-":
                taken = take(sys.stdout.buffer, with_pictures=with_pictures)
                sys.stdout.flush()
                return taken
            with new_file(Path(out)) as file:
                return take(file, with_pictures=with_pictures)
        except OSError as problem:
            raise CommandError(NO_BACKUP.format(out=out, why=problem.strerror)) from None

    def _tell(self, taken: Taken) -> None:
        rows, tables = sum(taken.rows.values()), len(taken.rows)
        done = DONE.format(rows=rows, tables=tables, pictures=taken.pictures, bytes=taken.bytes)
        # Not to standard output, where the archive itself may be.
        self.stderr.write(f"{done}\nDigest: {taken.digest}")
        if taken.missing:
            self.stderr.write(LOST.format(count=len(taken.missing)))
            for name in taken.missing:
                self.stderr.write(f"  {name}")
