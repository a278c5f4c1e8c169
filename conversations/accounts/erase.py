"""Taking a person and all that is theirs away. What it cost and who looked at it stays on record."""

from functools import partial

from asgiref.sync import async_to_sync
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from conversations import holds
from conversations.attachments import leaving
from conversations.db import persistently
from conversations.errors import Conflict
from conversations.models import Conversation, ImportJob, User
from conversations.models.conversation import LIVE
from conversations.runs import stop

HELD = _(
    "A legal hold keeps what belongs to this person. They can be deactivated, and not be erased."
)


def erase(person: User) -> None:
    """Their answers are stopped first: an answer under way would be written into nothing.

    Raises Conflict while a legal hold keeps them, or anything of theirs."""
    _refuse_while_held(person)
    for conversation in Conversation.objects.filter(owner=person, runs__status__in=LIVE):
        async_to_sync(stop.stop_all_in)(conversation)
    persistently(partial(_erase, person))


def _refuse_while_held(person: User) -> None:
    if holds.keeps_some_of(person):
        raise Conflict(HELD)


def _erase(person: User) -> None:
    # In the order of who brings pictures: an import, the files, and at its end the person's row.
    ImportJob.objects.filter(owner=person).delete()
    leaving.hold_files(leaving.ALONE)
    # Nothing new can be theirs from here on: its foreign key would wait for this lock.
    User.objects.select_for_update().get(pk=person.pk)
    _refuse_while_held(person)  # a hold may have come meanwhile
    # Before their pictures, which are kept as long as a message shows them.
    Conversation.objects.filter(owner=person).delete()
    pictures = list(person.images.values_list("pk", flat=True))
    leaving.forget(pictures, before=timezone.now())
    person.files.all().delete()
    person.delete()
