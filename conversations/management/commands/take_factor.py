"""`manage.py take_factor`: for an administrator who has lost the second factor, and whom nobody can help."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from conversations.accounts import names, second_factor
from conversations.models import User


class Command(BaseCommand):
    help = "Take somebody's lost second factor away: they sign in with their password alone."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help="The user name.")
        parser.add_argument("--reason", default="manage.py take_factor", help="For the record.")

    def handle(self, *args: Any, **options: Any) -> None:
        person = names.bearer("username", User.normalize_username(options["name"]))
        if person is None:
            raise CommandError("Nobody is called that.")
        if not second_factor.take_away(person, None, reason=options["reason"]):
            raise CommandError(f"{person.get_username()} has no second factor.")
        self.stdout.write(f"{person.get_username()} signs in with the password alone from now on.")
