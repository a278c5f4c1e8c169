"""Taking a person and all that is theirs away. What it cost and who looked at it stays on record."""

from functools import partial

from asgiref.sync import async_to_sync
from django.utils import timezone

from conversations.attachments import leaving
from conversations.db import persistently
from conversations.models import Conversation, ImportJob, User
from conversations.models.conversation import LIVE
from conversations.runs import stop


def erase(person: User) -> None:
    """Their answers are stopped first: an answer under way would be written into nothing."""
    for conversation in Conversation.objects.filter(owner=person, runs__status__in=LIVE):
        async_to_sync(stop.stop_all_in)(conversation)
    persistently(partial(_erase, person))


def _erase(person: User) -> None:
    # In the order of who brings pictures: an import, the files, and at its end the person's row.
    ImportJob.objects.filter(owner=person).delete()
    leaving.hold_files(leaving.ALONE)
    # Nothing new can be theirs from here on: its foreign key would wait for this lock.
    User.objects.select_for_update().get(pk=person.pk)
    # Before their pictures, which are kept as long as a message shows them.
    Conversation.objects.filter(owner=person).delete()
    pictures = list(person.images.values_list("pk", flat=True))
    leaving.forget(pictures, before=timezone.now())
    person.files.all().delete()
    person.delete()
