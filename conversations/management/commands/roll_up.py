"""`manage.py roll_up`: the ledger is added up now, or all of it again."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import transaction

from conversations.usage import rollups


class Command(BaseCommand):
    help = (
        "Add what is new on the ledger to the sums that the desk shows; the site does so by itself."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--again", action="store_true", help="Throw the sums away and add all of the ledger up."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["again"]:
            with transaction.atomic():
                rows = rollups.count_again()
            self.stdout.write(f"The sums were made anew from {rows:,} rows of the ledger.")
            return
        while _some():
            pass
        self.stdout.write("The sums are up to date.")


@transaction.atomic
def _some() -> bool:
    return rollups.count_some()
