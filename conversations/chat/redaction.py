"""Taking the words of one message away, wherever they stand, for ever. That something stood there stays.

The message itself says so, in place of what it said: whatever reads messages, now or later, finds that
sentence and nothing else. What was made of the words goes with them: titles, summaries, what search looks
through, acks, the journal, what was kept of requests, pictures and files that stand nowhere else. What others
copied from a link is a conversation of theirs, and looked at by itself.
"""

from datetime import datetime

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from conversations import audit, holds
from conversations.attachments import leaving
from conversations.db import in_db
from conversations.errors import Conflict, Invalid
from conversations.events import doorbell
from conversations.models import (
    CachedAnswer,
    Claim,
    Conversation,
    Findable,
    Message,
    MessageImage,
    Redaction,
    RunEvent,
    Share,
    Summary,
    User,
)
from conversations.models.conversation import Status, TitleBy
from conversations.reading.descent import all_below
from conversations.runs import sent, start, stop
from conversations.runs.start import StillAnswering

REASON_CHARACTERS = 500
STOOD_HERE = "[Removed by an administrator on {day:%Y-%m-%d}.]"
NO_REASON = _("Say why: the reason stays on record.")
IS_GONE = _("These words have been removed already.")
# Somebody may ask again between our stop and our look; nobody does so for ever.
STOPS = 3


def refuse_redacted(message: Message) -> None:
    """Nobody edits, asks again or goes on with what is not there any more. Raises Conflict."""
    if message.redacted_at is not None:
        raise Conflict(_("An administrator has removed this message. Write a new one instead."))


async def redact(by: User, message: Message, *, reason: str, address: str | None) -> Redaction:
    """Answers under way in its conversation are stopped first: what they were sent cannot be taken back,
    but nothing is made of it. Raises Invalid, Conflict, or StillAnswering when asked again and again."""
    for _attempt in range(STOPS):
        await stop.stop_all_in(message.conversation)
        try:
            return await in_db(redacted)(by, message, reason=reason, address=address)
        except StillAnswering:
            continue
    return await in_db(redacted)(by, message, reason=reason, address=address)


def redacted(by: User, message: Message, *, reason: str, address: str | None) -> Redaction:
    """In one transaction, where nothing is being written. Raises Invalid, Conflict or StillAnswering."""
    reason = reason.strip()
    if not reason:
        raise Invalid(NO_REASON, fields={"reason": [NO_REASON]})
    holds.destroying()
    mine = Conversation.objects.select_for_update(of=("self",)).select_related("owner")
    conversation = mine.get(pk=message.conversation_id)
    if holds.is_held(conversation):
        raise Conflict(holds.HELD)
    start.nothing_runs_in(conversation)
    message = Message.objects.select_for_update(of=("self",)).get(pk=message.pk)
    if message.redacted_at is not None:
        raise Conflict(IS_GONE)
    trace = _traced(by, message, reason[:REASON_CHARACTERS])
    _forget_what_was_made_of(conversation, message)
    _take_attachments(message, trace.at)
    _empty(message, trace.at)
    _record(by, conversation, trace, address)
    _tell(conversation, message)
    return trace


def _traced(by: User, message: Message, reason: str) -> Redaction:
    return Redaction.objects.create(
        message=message,
        by_id=by.pk,
        by=by.get_username(),
        reason=reason,
        characters=len(message.text) + len(message.reasoning),
        pictures=message.pictures.count(),
        files=message.files.count(),
        at=timezone.now(),
    )


def _empty(message: Message, at: datetime) -> None:
    """Where it broke off or failed is told by its runs."""
    Message.objects.filter(pk=message.pk).update(
        text=STOOD_HERE.format(day=at),
        reasoning="",
        tool_calls=[],
        status=Status.COMPLETE,
        finish_reason="",
        error_code="",
        error_message="",
        sight="",
        redacted_at=at,
    )


def _take_attachments(message: Message, at: datetime) -> None:
    """Pictures and files that stand nowhere else go for good."""
    places = MessageImage.objects.filter(message=message)
    pictures = leaving.used(places)
    places.delete()
    leaving.forget(pictures, before=at)
    message.files.all().delete()


def _forget_what_was_made_of(conversation: Conversation, message: Message) -> None:
    below = all_below(message.pk)
    Summary.objects.filter(conversation=conversation, until__in=below).delete()
    _forget_titles(conversation, message)
    Findable.objects.filter(
        Q(message=message.pk) | Q(message=None), conversation=conversation
    ).delete()
    RunEvent.objects.filter(run__message=message).delete()
    answers = Message.objects.filter(parent=message).values("pk")
    CachedAnswer.objects.filter(Q(message=message.pk) | Q(message__in=answers)).delete()
    # The ids stay claimed. Each of these acks has a title, or the words themselves.
    acks = Claim.objects.filter(ack__message__conversation=str(conversation.pk))
    acks.filter(user=conversation.owner_id).update(ack=None)
    sent.redact(conversation, message)


def _forget_titles(conversation: Conversation, message: Message) -> None:
    """Those that we or a model made, of whichever words; a person's own where it is the message's words."""
    if conversation.title_by != TitleBy.PERSON or _quotes(conversation.title, message):
        conversation.title, conversation.title_by = "", TitleBy.PERSON  # none that is on its way
        conversation.save(update_fields=["title", "title_by"])
        Share.objects.filter(conversation=conversation).update(title="")
    for share in Share.objects.filter(conversation=conversation):
        if _quotes(share.title, message):
            Share.objects.filter(pk=share.pk).update(title="")
    end = {
        "leaf_length": len(STOOD_HERE.format(day=timezone.now())),
        "leaf_status": Status.COMPLETE,
    }
    Share.objects.filter(conversation=conversation, leaf=message).update(**end)


def _quotes(title: str, message: Message) -> bool:
    words = " ".join(title.rstrip("…").casefold().split())
    return bool(words) and words in " ".join(message.text.casefold().split())


def _record(by: User, conversation: Conversation, trace: Redaction, address: str | None) -> None:
    audit.record(
        by,
        "message.redact",
        trace.message,
        owner=conversation.owner,
        address=address,
        reason=trace.reason,
        conversation=str(conversation.pk),
        characters=trace.characters,
        pictures=trace.pictures,
        files=trace.files,
    )


def _tell(conversation: Conversation, message: Message) -> None:
    """Every tab that shows it shows it no more."""
    place = {"conversation": str(conversation.pk), "owner": str(conversation.owner_id)}
    doorbell.ring({"redacted": str(message.pk), **place})
    doorbell.ring(place)
