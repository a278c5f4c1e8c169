"""Who is made up, how they are told from others, and how they go again."""

from collections.abc import Callable
from random import Random

from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group
from django.core.management import CommandError
from django.db import transaction
from django.db.models import QuerySet

from conversations import holds
from conversations.management.seeding import pictures, words
from conversations.management.seeding.talks import Person
from conversations.models import Budget, Conversation, User

# The mark: who is in this group was made up. Their addresses end where no mail goes (RFC 2606).
GROUP, DOMAIN = "Seeded", "seeded.invalid"
TEAMS = ("Seeded: teachers", "Seeded: pupils", "Seeded: office")
# Conversations a transaction; Django reads the rows that go with them.
AT_ONCE = 500
HELD = "A hold is on somebody who was made up, or on what they said. End it first."


def seeded() -> QuerySet[User]:
    return User.objects.filter(groups__name=GROUP, email__endswith=f"@{DOMAIN}")


def others_are_here() -> bool:
    """Somebody has written here who was not made up."""
    return Conversation.objects.exclude(owner__in=seeded()).exists()


@transaction.atomic
def make(count: int, chance: Random) -> list[Person]:
    """They cannot sign in: their passwords are none."""
    before = seeded().count()
    users = [_user(before + number, chance) for number in range(count)]
    User.objects.bulk_create(users, batch_size=1000)
    groups = [Group.objects.get_or_create(name=name)[0] for name in (GROUP, *TEAMS)]
    Budget.objects.get_or_create(
        name=GROUP, scope="member", group=groups[0], measure="money", limit=20_000_000
    )
    member = User.groups.through
    rows = [member(user_id=user.pk, group_id=groups[0].pk) for user in users]
    rows += [member(user_id=user.pk, group_id=chance.choice(groups[1:]).pk) for user in users]
    member.objects.bulk_create(rows, batch_size=1000)
    return [Person(user.pk, user.username, chance.choice(("en", "en", "de"))) for user in users]


def _user(number: int, chance: Random) -> User:
    first, last = chance.choice(words.FIRST), chance.choice(words.LAST)
    name = f"{first}.{last}.{number + 1}"
    return User(
        username=f"seeded.{name}", email=f"{name}@{DOMAIN}", password=make_password(None),
        first_name=first.title(), last_name=last.title(),
    )  # fmt: skip


def remove(said: Callable[[str], object]) -> int:
    """All who were made up, with what they said and showed; what the ledger and the audit say of them stays.

    A hold on any of it refuses all: half of it gone would be neither a trial nor an empty site."""
    talks = Conversation.objects.filter(owner__in=seeded())
    if talks.filter(holds.held()).exists() or seeded().filter(pk__in=holds.held_people()).exists():
        raise CommandError(HELD)
    gone = 0
    while ids := list(talks.values_list("pk", flat=True)[:AT_ONCE]):
        talks.filter(pk__in=ids).delete()
        gone += len(ids)
        said(f"{gone} conversations are gone")
    pictures.forget(list(seeded().values_list("pk", flat=True)))
    seeded().delete()
    Group.objects.filter(name__in=(GROUP, *TEAMS)).delete()
    return gone
