"""`manage.py seed`: made-up people and a year of what they said, to try out how a full site feels."""

import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import count
from random import Random
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils import timezone

from conversations.management.seeding import load, people
from conversations.management.seeding.pictures import MOST, Album, Row
from conversations.management.seeding.talks import Person, Talk
from conversations.models import LanguageModel, Price, User
from conversations.reading import findable
from conversations.usage import rollups

YEAR = timedelta(days=365)
# Conversations a transaction. More is hardly faster, and takes memory.
AT_ONCE = 500
# Questions of a conversation: most are short, a few go on for hours. Twice this is messages.
MEAN_TURNS = 6
REAL = "Somebody has written on this site who was not made up. Say --yes if that is meant."


class Command(BaseCommand):
    help = "Fill the site with made-up people and conversations; --remove takes them away again."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--users", type=int, default=100, help="how many people (100)")
        parser.add_argument("--messages", type=int, default=10_000, help="about how many (10,000)")
        parser.add_argument(
            "--pictures", type=int, default=MOST, help=f"different ones, {MOST} at most ({MOST})"
        )
        parser.add_argument("--seed", type=int, default=1, help="the same number makes the same")
        parser.add_argument("--remove", action="store_true", help="take away what was made up")
        parser.add_argument("--yes", action="store_true", help="also where real people are")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["remove"]:
            gone = people.remove(self.stdout.write)
            self.stdout.write(f"{gone} conversations and their people are gone.")
            self.stdout.write(
                "The ledger keeps its rows and their sums, and the audit its entries: for ever."
            )
            return
        if people.others_are_here() and not options["yes"]:
            raise CommandError(REAL)
        if options["users"] < 1 or options["messages"] < 0:
            raise CommandError("One person at least, and no less than no messages.")
        chance = Random(options["seed"])  # noqa: S311
        self._fill(options["users"], options["messages"], options["pictures"], chance)

    def _fill(self, users: int, messages: int, pictures: int, chance: Random) -> None:
        began, made = time.monotonic(), 0
        everybody = people.make(users, chance)
        album = Album(User.objects.get(pk=everybody[0].id), pictures)
        talks = _talks(everybody, chance, album)
        while made < messages:
            rows: list[Row] = []
            while made < messages and len(rows) < AT_ONCE * MEAN_TURNS * 4:
                of_one = list(next(talks))
                made += sum(table == "message" for table, _row in of_one)
                rows += of_one
            load.write(rows)
            self.stdout.write(f"{made:,} of {messages:,} messages")
        while _counted_some() or _made_findable():
            pass
        seconds = time.monotonic() - began
        self.stdout.write(f"{users:,} people and {made:,} messages in {seconds:.0f} s.")


def _talks(everybody: list[Person], chance: Random, album: Album) -> Iterator[Iterator[Row]]:
    """Without end. Some people write a hundred times as much as others."""
    offered = list(LanguageModel.objects.filter(is_enabled=True, provider__isnull=False))
    if not offered:
        raise CommandError("There is no model in the catalogue that somebody could have asked.")
    prices = {row.pk: list(row.prices.order_by("since")) for row in offered}
    eager = [chance.paretovariate(1.2) for _person in everybody]
    now = timezone.now()
    for number in count():
        row, person = chance.choice(offered), chance.choices(everybody, eager)[0]
        # More of it is of late.
        began = now - YEAR * chance.betavariate(1.2, 1.8)
        price = _in_force(prices[row.pk], began)
        talk = Talk(chance, person, row.slug, row.provider.name, price, began, number, album)
        yield talk.rows(1 + int(chance.expovariate(1 / (MEAN_TURNS - 1))))


def _in_force(prices: list[Price], at: datetime) -> Price | None:
    """The one of that day; of earlier days than any, the first that is known."""
    since = [price for price in prices if price.since <= at.date()]
    return since[-1] if since else next(iter(prices), None)


@transaction.atomic
def _counted_some() -> bool:
    return rollups.count_some()


@transaction.atomic
def _made_findable() -> bool:
    """As the sweep would: else the first search of each of them has to wait for it."""
    return findable.catch_up_all(AT_ONCE)
