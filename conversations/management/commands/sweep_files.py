"""`manage.py sweep_files`: pictures that are nobody's go, and what is wrong with the others is said."""

import argparse
import re
from datetime import datetime, timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import transaction
from django.utils import timezone

from conversations.attachments import orphans
from conversations.models import Blob

UNITS = {"m": "minutes", "h": "hours", "d": "days"}


def span(text: str) -> timedelta:
    found = re.fullmatch(r"(\d{1,5})([mhd])", text, re.ASCII)
    if not found:
        raise argparse.ArgumentTypeError("say it as 30m, 24h or 7d")
    return timedelta(**{UNITS[found[2]]: int(found[1])})


class Command(BaseCommand):
    help = "Delete files of pictures that no row names, and rows that nobody has; name rows without files."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="Only say what would go.")
        parser.add_argument(
            "--grace", type=span, default=orphans.GRACE, help="Leave what is younger (24h)."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        before, dry = timezone.now() - options["grace"], options["dry_run"]
        goes = "would be deleted" if dry else "deleted"
        rows = self._rows(before, dry=dry)  # first: their files go with them
        self.stdout.write(f"Pictures that nobody has: {rows} {goes}.")
        self.stdout.write(f"Files that no row names: {self._files(before, dry=dry)} {goes}.")
        lost = 0
        for lost, blob in enumerate(orphans.without_file(), 1):  # noqa: B007 the last number counts
            self.stdout.write(f"  {blob.name}: a file of picture {blob.pk} is missing")
        self.stdout.write(f"Pictures without their files: {lost}.")

    def _rows(self, before: datetime, *, dry: bool) -> int:
        if dry:
            return Blob.objects.filter(images=None, created_at__lt=before).count()
        count = 0
        while some := transaction.atomic(orphans.take_away_rows)(before):
            count += some
        return count

    def _files(self, before: datetime, *, dry: bool) -> int:
        count = 0
        for names in orphans.files():
            goes = self._would_go if dry else transaction.atomic(orphans.take_away_files)
            count += goes(names, before)
        return count

    def _would_go(self, names: list[str], before: datetime) -> int:
        found = orphans.due(names, before)
        for name in found:
            self.stdout.write(f"  {name}")
        return len(found)
