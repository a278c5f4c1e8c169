"""Taking a person and all that is theirs away. What it cost and who looked at it stays on record.

Whoever asks closes their account, and what is left to do is a row: of who has little it is done at once, of
others by whichever process comes first (erasures.py), some at a time. A legal hold that comes meanwhile
stops it: what is not gone by then is kept until the hold is ended.
"""

from collections.abc import Collection
from dataclasses import dataclass
from functools import partial
from uuid import UUID

from allauth.account.models import EmailAddress
from asgiref.sync import async_to_sync
from django.db.models import Count, F, Q, QuerySet
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from conversations import audit, holds
from conversations.accounts import sessions
from conversations.attachments import leaving
from conversations.db import persistently
from conversations.errors import Conflict
from conversations.models import (
    Claim,
    Conversation,
    Erasure,
    Image,
    ImportJob,
    Invitation,
    Message,
    TextFile,
    User,
)
from conversations.models.conversation import LIVE
from conversations.runs import halt, stop

# Who has fewer messages, and fewer pictures, is gone when the page answers.
LITTLE = 1000
# A transaction takes away so many rows at most: others want to write meanwhile, and to place holds.
ROWS = 1000
CONVERSATIONS = 200
# Who brings pictures waits for those who take some away, and for their files.
ATTACHMENTS = 100

# On record: that it was asked for, and that it is done.
ASKED, ERASED = "person.erase", "user.delete"
HELD = _(
    "A legal hold keeps what belongs to this person. They can be deactivated, and not be erased."
)


@dataclass(frozen=True, slots=True)
class Asked:
    """Who wants it, from where, and why. None: nobody who has signed in."""

    by: User | None = None
    address: str | None = None
    reason: str = ""


def erase(person: User, asked: Asked = Asked()) -> bool:
    """Whether they are gone; else the rest is done without whoever asked. They are signed out at once, and
    let in no more. Raises Conflict while a legal hold keeps them, or anything of theirs."""
    _refuse_while_held(person)
    has_little = _has_little(person)
    for conversation in live_of(person) if has_little else ():
        # An answer under way would be written into nothing.
        async_to_sync(stop.stop_all_in)(conversation)
    persistently(partial(_at_once if has_little else _ask, person, asked))
    return has_little


def live_of(person: User) -> list[Conversation]:
    return list(Conversation.objects.filter(owner=person, runs__status__in=LIVE).distinct())


def is_under_way(person: User) -> bool:
    return Erasure.objects.filter(person=person).exists()


def _has_little(person: User) -> bool:
    messages = Message.objects.filter(conversation__owner=person)
    pictures = Image.objects.filter(owner=person)
    return messages[:LITTLE].count() < LITTLE and pictures[:LITTLE].count() < LITTLE


def _refuse_while_held(person: User) -> None:
    if holds.keeps_some_of(person):
        raise Conflict(HELD)


def _ask(person: User, asked: Asked) -> None:
    # Before their row, which Postgres looks at when a question is committed: each would wait for the other.
    halt.hold_questions_of([person])
    # In the order of who brings pictures: an import, the files, and at its end the person's row.
    ImportJob.objects.filter(owner=person).delete()
    person.is_active = False
    person.save(update_fields=["is_active"])
    sessions.end([person])  # by what they signed in stands in them
    count = Message.objects.filter(conversation__owner=person).count()
    of = {"by": asked.by, "address": asked.address, "reason": asked.reason, "messages": count}
    _mine, is_new = Erasure.objects.get_or_create(person=person, defaults=of)
    if is_new:
        _record(ASKED, person, asked, messages=count)


def _record(action: str, person: User, asked: Asked, **detail: int) -> None:
    audit.record(
        asked.by, action, person, owner=person, address=asked.address, reason=asked.reason, **detail
    )


def _at_once(person: User, asked: Asked) -> None:
    """In one transaction: all of it."""
    _ask(person, asked)
    while take_some(person.pk):
        pass
    _refuse_while_held(person)  # a hold may have come meanwhile


def take_some(person: UUID) -> bool:
    """In a transaction: whether there may be more to take. Nobody else takes from them until it ends."""
    holds.destroying()
    erasures = Erasure.objects.select_for_update(skip_locked=True, of=("self",))
    mine = erasures.filter(person=person).select_related("person", "by").first()
    if mine is None or holds.keeps_some_of(mine.person):
        return False
    if not _some_of(mine):
        _take_the_last(mine)
        return False
    return True


def _some_of(mine: Erasure) -> bool:
    """First what was acknowledged to them, which each conversation would look through as it goes."""
    person = mine.person
    if _claims(person):
        return True
    if ids := _next_conversations(person):
        mine.gone = F("gone") + _conversations(ids)
        mine.save(update_fields=["gone"])
        return True
    return _pictures(person) or _files(person)


def _claims(person: User) -> bool:
    some = list(Claim.objects.filter(user=person).values_list("pk", flat=True)[:ROWS])
    return bool(Claim.objects.filter(pk__in=some).delete()[0])


def _next_conversations(person: User) -> list[UUID]:
    rows = Conversation.objects.select_for_update(of=("self",)).filter(owner=person)
    return list(rows.order_by("pk").values_list("pk", flat=True)[:CONVERSATIONS])


def _conversations(ids: Collection[UUID]) -> int:
    """As many as are not too large together; of one that is too large alone, its end. How many messages."""
    rows = Conversation.objects.filter(pk__in=ids).annotate(count=Count("messages")).order_by("pk")
    chosen, messages = list[UUID](), 0
    for id, count in rows.values_list("pk", "count"):
        if messages + count > ROWS:
            break
        chosen, messages = [*chosen, id], messages + count
    if not chosen:
        return _shorten(min(ids))
    of_these = Conversation.objects.filter(pk__in=chosen)
    of_these.update(active_message=None)
    of_these.delete()
    return messages


def _shorten(conversation: UUID) -> int:
    """What was written last goes first: below it there is next to nothing."""
    Conversation.objects.filter(pk=conversation).update(active_message=None)
    mine = Message.objects.filter(conversation=conversation).order_by("-pk")
    last = list(mine.values_list("pk", flat=True)[:ROWS])
    Message.objects.filter(parent__in=last).exclude(pk__in=last).update(parent=None)
    Message.objects.filter(pk__in=last).delete()
    return len(last)


def _pictures(person: User) -> bool:
    some = list(person.images.values_list("pk", flat=True)[:ATTACHMENTS])
    leaving.forget(some, before=timezone.now())
    return Image.objects.filter(pk__in=some).count() < len(some)


def _files(person: User) -> bool:
    some = list(person.files.values_list("pk", flat=True)[:ATTACHMENTS])
    return bool(TextFile.objects.filter(pk__in=some).delete()[0])


def _take_the_last(mine: Erasure) -> None:
    """Their row, and what has come since it was looked for. It waits for who is just bringing something."""
    person = mine.person
    ImportJob.objects.filter(owner=person).delete()
    leaving.hold_files(leaving.ALONE)
    # Nothing new can be theirs from here on: its foreign key would wait for this lock.
    User.objects.select_for_update().get(pk=person.pk)
    # Before their pictures, which are kept as long as a message shows them.
    Conversation.objects.filter(owner=person).delete()
    pictures = list(person.images.values_list("pk", flat=True))
    leaving.forget(pictures, before=timezone.now())
    person.files.all().delete()
    _invitations(mine).delete()
    _record(ERASED, person, Asked(mine.by, mine.address, mine.reason))
    person.delete()


def _invitations(mine: Erasure) -> QuerySet[Invitation]:
    """Those that were for them. Those that they sent are for others."""
    person = mine.person
    addresses = {
        person.email,
        *EmailAddress.objects.filter(user=person).values_list("email", flat=True),
    }
    sent = Q(address__in=addresses - {""}, created_at__lt=mine.asked_at)
    return Invitation.objects.alias(address=Lower("email")).filter(sent | Q(used_by=person))
