"""`manage.py restore FILE`: a site comes back from its backup."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connections

from conversations.backup import bring_back, look
from conversations.backup.look import Looked
from conversations.errors import Refusal
from conversations.management import own_postgres

WHOLE = (
    "Whole: a backup of {site} from {made_at}, Postgres {postgres}: {rows:,} rows of {tables} tables, "
    "{pictures:,} pictures{key}.\nDigest: {digest}"
)


class Command(BaseCommand):
    help = (
        "Bring a backup back into an empty database (DATABASE_URL) and data directory. All of the archive is "
        "read and compared with its digests before anything is changed."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--check", action="store_true", help="Only look whether it is whole.")
        parser.add_argument(
            "--replace", action="store_true", help="Delete for good the site that is there."
        )
        parser.add_argument("--digest", default="", help="What `backup` said the digest is.")

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["file"]
        try:
            looked = look.through(path, digest=options["digest"])
            self._say(looked)
            if not options["check"]:
                self._bring_back(path, looked, replace=options["replace"])
        except bring_back.Halfway as problem:
            raise CommandError(str(problem)) from None
        except Refusal as problem:
            raise CommandError(f"{problem} Nothing was changed.") from None
        except OSError as problem:
            place = problem.filename or path
            raise CommandError(f"{place} cannot be used: {problem.strerror}.") from None

    def _bring_back(self, path: Path, looked: Looked, *, replace: bool) -> None:
        with own_postgres.running(alone=True):
            try:
                bring_back.bring_back(path, looked, replace=replace)
            finally:
                connections.close_all()
        self.stdout.write("Restored. Every table and every picture is back.")
        for sentence in bring_back.keys_missing(looked.manifest):
            self.stdout.write(f"Mind: {sentence}")
        lost = len(looked.contents.missing)
        if lost:
            self.stdout.write(f"Mind: {lost} pictures were lost before the backup was made.")
        if not looked.manifest.with_pictures:
            self.stdout.write(
                "Mind: the backup is without pictures. `manage.py sweep_files --dry-run` names them."
            )

    def _say(self, looked: Looked) -> None:
        about, contents = looked.manifest, looked.contents
        self.stdout.write(
            WHOLE.format(
                site=about.site,
                made_at=about.made_at,
                postgres=about.postgres,
                rows=sum(contents.rows.values()),
                tables=len(contents.rows),
                pictures=contents.pictures,
                key=", the secret key" if looked.has_key else "",
                digest=looked.digest,
            )
        )
