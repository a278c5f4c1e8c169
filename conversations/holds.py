"""What may not be destroyed: every way of destruction asks here, and a trigger asks for those who forgot.

A hold is on a person, on whoever is in a group, or on one conversation. Its owner notices nothing: what they
delete is gone for them at once, and stays in Postgres until the hold is ended and the sweep has come by.
"""

from django.db import connection
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from conversations.models import Conversation, Hold, User

# Who destroys something shares it until the end of the transaction, by a trigger; who places a hold has it
# alone (migration 0051). So what is held was destroyed before, or is whole.
LOCK = 0x63686174_686F6C64  # "chathold"
HELD = _("This conversation is under a legal hold: nothing in it may be removed.")
SHARED = "SELECT pg_advisory_xact_lock_shared(%s)"
ALONE = "SELECT pg_advisory_xact_lock(%s)"


def destroying() -> None:
    """In a transaction, before it asks what is held: what no trigger guards, and what takes long."""
    with connection.cursor() as cursor:
        cursor.execute(SHARED, [LOCK])


def placing() -> None:
    """In a transaction, before it looks whether what is to be held is there."""
    with connection.cursor() as cursor:
        cursor.execute(ALONE, [LOCK])


def in_force() -> QuerySet[Hold]:
    return Hold.objects.filter(ended_at=None)


def held_people() -> QuerySet[User]:
    """To be asked within other queries. Of these everything stays."""
    persons = in_force().exclude(person=None).values("person")
    groups = in_force().exclude(group=None).values("group")
    members = User.groups.through.objects.filter(group__in=groups).values("user")
    return User.objects.filter(Q(pk__in=persons) | Q(pk__in=members)).values("pk")  # type: ignore[return-value]


def of_held_people(owner: str = "owner") -> Q:
    """Rows that belong to them. `owner` leads from a row to its person."""
    return Q(**{f"{owner}__in": held_people()})


def held(path: str = "") -> Q:
    """Of conversations. `path` leads from another table to its conversation, as in `present`."""
    conversations = in_force().exclude(conversation=None).values("conversation")
    return of_held_people(f"{path}owner") | Q(**{f"{path}pk__in": conversations})


def is_held(conversation: Conversation) -> bool:
    return Conversation.objects.filter(held(), pk=conversation.pk).exists()


def keeps_all_of(person: User) -> bool:
    return User.objects.filter(pk=person.pk, pk__in=held_people()).exists()


def keeps_some_of(person: User) -> bool:
    """Themselves, or a conversation of theirs: the person cannot be erased."""
    theirs = Conversation.objects.filter(held(), owner=person)
    return keeps_all_of(person) or theirs.exists()
