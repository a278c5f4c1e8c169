"""What its owner deletes while a legal hold keeps it: gone for them, and kept where only the hold shows it.

It moves into a conversation that is deleted already and cannot be taken back. Once the hold is ended, the
sweep destroys that as any other.
"""

from collections.abc import Collection
from typing import TypeVar
from uuid import UUID

from conversations import holds
from conversations.models import (
    Conversation,
    Findable,
    Hold,
    Image,
    Message,
    MessageFile,
    MessageImage,
    Run,
    Share,
    Summary,
    TextFile,
    User,
)
from conversations.models.conversation import Role, too_late

Shown = TypeVar("Shown", MessageImage, MessageFile)


def messages(conversation: Conversation, top: Message, all: Collection[UUID]) -> None:
    """A message and what was said below it, with its pictures, files, runs and opinions."""
    place = _place(conversation.owner, conversation.title)
    Share.objects.filter(leaf__in=all).delete()
    Findable.objects.filter(message__in=all).delete()
    Run.objects.filter(message__in=all).update(conversation=place)
    Summary.objects.filter(until__in=all).update(conversation=place)
    Message.objects.filter(pk=top.pk).update(parent=None)
    Message.objects.filter(pk__in=all).update(conversation=place)
    _as_old_as(place)
    _hold_as(conversation, place)


def pictures(owner: User, images: Collection[UUID]) -> None:
    """Those that stand nowhere."""
    if images:
        _in_a_message(owner, MessageImage, "image_id", images)


def files(owner: User, files: Collection[UUID]) -> None:
    """As pictures."""
    if files:
        _in_a_message(owner, MessageFile, "file_id", files)


def _in_a_message(owner: User, table: type[Shown], field: str, all: Collection[UUID]) -> None:
    place = _place(owner, "")
    message = Message.objects.create(conversation=place, role=Role.USER)
    table.objects.bulk_create(
        table(message=message, position=at, **{field: id}) for at, id in enumerate(all)
    )
    _as_old_as(place)


def _place(owner: User, title: str) -> Conversation:
    return Conversation.objects.create(owner=owner, title=title, deleted_at=too_late())


def _as_old_as(place: Conversation) -> None:
    """What was brought a moment ago was not brought again since: it goes with its message. The place was
    made when the first row went there; to move the others may have taken a while."""
    before = place.deleted_at
    for table in (Image, TextFile):
        shown = table.objects.filter(uses__message__conversation=place)
        shown.filter(created_at__gt=before).update(created_at=before)


def _hold_as(conversation: Conversation, place: Conversation) -> None:
    """A hold on one conversation is on what was in it. `ended` finds them together by their moment."""
    for hold in holds.in_force().filter(conversation=conversation):
        Hold.objects.create(conversation=place, reason=hold.reason, by=hold.by, since=hold.since)
