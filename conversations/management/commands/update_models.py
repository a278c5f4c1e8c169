"""`manage.py update_models [FILE]`: models and prices from a list; without one, the list that came along."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from pydantic import ValidationError

from conversations.provider import update


class Command(BaseCommand):
    help = (
        "Bring the catalogue of models up to date from a JSON list, such as "
        "conversations/provider/lists/2026-06.json. What an administrator decided stays."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", nargs="?", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        file: Path = options["file"] or update.newest()
        try:
            changes = update.bring(file.read_bytes())
        except OSError as problem:
            raise CommandError(f"{file} cannot be read: {problem.strerror}.") from None
        except ValidationError as problem:
            raise CommandError(f"{file} is no list of models: {_first(problem)}") from None
        except KeyError as problem:
            raise CommandError(f"{file}: there is no provider {problem}.") from None
        self.stdout.write(f"{file.name}: {changes}.")


def _first(problem: ValidationError) -> str:
    error = problem.errors()[0]
    where = ".".join(str(part) for part in error["loc"])
    return f"{where}: {error['msg']}."
