"""`manage.py invite`: a one-time link by which somebody may sign up."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from conversations.accounts.invitations import INVITATION_DAYS, invite


class Command(BaseCommand):
    help = f"Print a one-time link for signing up, good for {INVITATION_DAYS} days."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("note", nargs="?", default="", help="For whom it is.")

    def handle(self, *args: Any, **options: Any) -> None:
        _, link = invite(note=options["note"][:200])
        self.stdout.write(link)
