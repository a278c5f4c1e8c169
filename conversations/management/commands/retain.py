"""`manage.py retain`: what was kept for long enough is deleted now, or with `--dry-run` only counted."""

from typing import Any

from asgiref.sync import async_to_sync
from django.core.management.base import BaseCommand, CommandParser

from conversations.runs import retention, sweep


class Command(BaseCommand):
    help = (
        "Delete what the rules for keeping say; the sweep of the site does it once a day by itself."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="Only say what would go.")

    def handle(self, *args: Any, **options: Any) -> None:
        for one in retention.forecast():
            self.stdout.write(_line(one))
        if not options["dry_run"]:
            self.stdout.write(f"{async_to_sync(sweep.sweep_by_age)()} deleted.")


def _line(one: retention.Forecast) -> str:
    whose = one.rule.group.name if one.rule.group else "everybody else"
    oldest = f", oldest {one.oldest:%Y-%m-%d}" if one.oldest else ""
    return (
        f"{one.rule.get_what_display()} of {whose}, kept for {one.rule.days} days: "
        f"{one.count} due, of {one.people} people{oldest}."
    )
