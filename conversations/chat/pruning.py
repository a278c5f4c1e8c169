"""Taking a message away, with all that was said after it on every branch below."""

from uuid import UUID

from django.db.models import Q
from django.utils import timezone

from conversations import access, holds
from conversations.attachments import leaving
from conversations.chat import set_aside
from conversations.db import in_db
from conversations.events import doorbell
from conversations.models import Claim, Conversation, Message, MessageImage, Run, User
from conversations.models.conversation import LIVE
from conversations.reading.descent import all_below, newest_leaf_below
from conversations.runs import stop
from conversations.runs.start import StillAnswering

# Somebody may ask again between our stop and our cut; nobody does so for ever.
STOPS = 3


async def prune(user: User, message: object) -> None:
    """Delete it. An answer below it that is being written is stopped first, so that its cost is on the
    ledger; one on another branch goes on. Raises NotFound, or StillAnswering when asked again and again."""
    for _ in range(STOPS):
        try:
            return await in_db(_prune)(user, message)
        except StillAnswering as found:
            await stop.stop(user, str(found.run))
    return await in_db(_prune)(user, message)


def _prune(user: User, id: object) -> None:
    conversation = access.conversation_for(
        user, access.message_for(user, id).conversation_id, lock=True
    )
    # Once more: it may have gone while we waited for the conversation.
    message = access.message_for(user, id)
    gone = all_below(message.pk)
    live = Run.objects.filter(message__in=gone, status__in=LIVE).first()
    if live is not None:
        raise StillAnswering(live.pk)
    if conversation.active_message_id in gone:
        conversation.active_message_id = _next_to(message)
        conversation.save(update_fields=["active_message"])
    _forget_words(conversation, gone)
    # An opinion that is being given is waited for, and goes with its answer.
    rows = Message.objects.filter(pk__in=gone)
    list(rows.order_by("pk").select_for_update().values_list("pk"))
    if holds.is_held(conversation):
        set_aside.messages(conversation, message, gone)
    else:
        _destroy(gone)
    doorbell.ring({"conversation": str(conversation.pk), "owner": str(user.pk)})


def _destroy(gone: list[UUID]) -> None:
    pictures = leaving.used(MessageImage.objects.filter(message__in=gone))
    # Named one by one: Django would walk down a branch as deep as Python's stack allows.
    Message.objects.filter(pk__in=gone).delete()
    leaving.forget(pictures, before=timezone.now())


def _next_to(message: Message) -> UUID | None:
    """Where the conversation ends then: in the version beside it, the one before first; else above it."""
    beside = Message.objects.filter(
        conversation=message.conversation_id, parent=message.parent_id
    ).exclude(pk=message.pk)
    before = beside.filter(pk__lt=message.pk).order_by("-pk").first()
    other = before or beside.order_by("pk").first()
    return newest_leaf_below(other.pk) if other else message.parent_id


def _forget_words(conversation: Conversation, gone: list[UUID]) -> None:
    """The ids stay claimed; the words of their acks go with the messages."""
    ids = [str(id) for id in gone]
    theirs = Q(ack__message__id__in=ids) | Q(ack__user_message__id__in=ids)
    acks = Claim.objects.filter(ack__message__conversation=str(conversation.pk))
    acks.filter(theirs, user=conversation.owner_id).update(ack=None)
