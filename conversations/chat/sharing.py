"""Links to conversations: made, brought up to date, withdrawn; and what is copied by who opens one.

A link shows the branch as it stood at one moment. It holds no copy of it: what is deleted is not
shared any more, and nothing that is written later is seen through it.
"""

from base64 import urlsafe_b64encode
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Literal

from django.conf import settings
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _
from pydantic import StrictBool

from conversations import access, audit, site
from conversations.attachments import leaving, room, text_files
from conversations.chat import gate
from conversations.chat.questions import Closed, Id
from conversations.errors import Conflict, Invalid, NotAllowed, NotFound
from conversations.events import doorbell
from conversations.ids import hashed
from conversations.models import (
    Conversation,
    Image,
    Message,
    MessageFile,
    MessageImage,
    Share,
    User,
)
from conversations.provider import catalogue
from conversations.reading import shared
from conversations.usage import limits

NOT_HERE = _("Sharing is switched off on this site.")
TEMPORARY = _("A temporary conversation has no link. Keep it first.")
NOTHING = _("There is nothing to share yet: ask something first.")
SHARED = _("This conversation has a link already. Bring it up to date, or withdraw it.")

Ends = Literal["never", "day", "week", "month"]
DAYS: dict[Ends, int] = {"day": 1, "week": 7, "month": 30}


class Link(Closed):
    """What a new link shows, and until when."""

    conversation: Id
    images: StrictBool = False
    name: StrictBool = False
    ends: Ends = "never"


class Changes(Closed):
    """What is to change of a link; `update`: it shows what stands now."""

    images: StrictBool | None = None
    name: StrictBool | None = None
    ends: Ends | None = None
    update: StrictBool = False


def make(user: User, asked: Link, *, address: str | None) -> Share:
    """A link to what stands now. Raises StillAnswering while the last answer is being written."""
    if site.now().sharing == "off":
        raise NotAllowed(str(NOT_HERE))
    conversation = gate.quiet(user, asked.conversation)
    if conversation.expires_at is not None:
        raise Conflict(str(TEMPORARY))
    if Share.objects.filter(conversation=conversation).exists():
        raise Conflict(str(SHARED))
    share = Share(owner=user, conversation=conversation)
    share.token_hash = hashed(token_of(share))
    share.with_images, share.with_name = asked.images, asked.name
    share.expires_at = _end(asked.ends)
    _show_what_stands(share)
    share.save()
    _record(user, "share.made", share, address)
    return share


def change(user: User, id: object, asked: Changes, *, address: str | None) -> Share:
    share = access.share_for(user, id, lock=True)
    if asked.images is not None:
        share.with_images = asked.images
    if asked.name is not None:
        share.with_name = asked.name
    if asked.ends is not None:
        share.expires_at = _end(asked.ends)
    if asked.update:
        share.conversation = gate.quiet(user, share.conversation_id)
        _show_what_stands(share)
    share.save()
    _record(user, "share.changed", share, address)
    return share


def withdraw(by: User, share: Share, *, address: str | None) -> None:
    """The link opens nothing from now on, its pictures neither."""
    _record(by, "share.withdrawn", share, address)
    share.delete()


def token_of(share: Share) -> str:
    """256 bits that only who knows the site's secret key can tell from the id."""
    digest = salted_hmac("conversations.share", str(share.pk), algorithm="sha256").digest()
    return urlsafe_b64encode(digest).decode().rstrip("=")


def address_of(share: Share) -> str | None:
    """The link, to be shown to its owner; None once the site has another secret key: it still opens,
    and nobody here can say it any more."""
    token = token_of(share)
    return f"{settings.PUBLIC_URL}/share/{token}/" if hashed(token) == share.token_hash else None


def _show_what_stands(share: Share) -> None:
    conversation = share.conversation
    leaf = conversation.active_message
    if leaf is None:
        raise Invalid(str(NOTHING), fields={"conversation": [str(NOTHING)]})
    share.leaf, share.leaf_length, share.leaf_status = leaf, len(leaf.text), leaf.status
    share.title, share.stood_at = conversation.title, timezone.now()


def _end(ends: Ends) -> datetime | None:
    return None if ends == "never" else timezone.now() + timedelta(days=DAYS[ends])


def _record(by: User, action: str, share: Share, address: str | None) -> None:
    audit.record(
        by,
        action,
        share,
        owner=share.owner,
        address=address,
        conversation=str(share.conversation_id),
        images=share.with_images,
        name=share.with_name,
        ends=share.expires_at.isoformat() if share.expires_at else None,
    )


# A copy to go on with ----------------------------------------------------------------------------


def copied(reader: User, share: Share, *, address: str | None = None) -> Conversation:
    """What the link shows, as a conversation of the reader's own: words, shared pictures and
    files, and nothing of what it cost, was thought, or was told to the model. Raises NotFound."""
    limits.spend(reader, address)
    conversation = Conversation(owner=reader, title=share.title, model=_model_for(reader, share))
    told = shared.stored(share)
    if not told or told[-1].pk != share.leaf_id:  # deleted since the link was found
        raise NotFound(access.NO_LINK)
    copies = _chain(conversation, told)
    conversation.active_message = copies[-1]
    conversation.save()
    Message.objects.bulk_create(copies)
    if share.with_images:
        _copy_pictures(reader, told, copies)
        _copy_files(reader, told, copies)
    doorbell.ring({"conversation": str(conversation.pk), "owner": str(reader.pk)})
    return conversation


def _model_for(reader: User, share: Share) -> str:
    wanted = share.conversation.model
    known = {model.id for model in catalogue.models_for(reader)}
    return wanted if wanted in known else catalogue.usual_id(reader)


def _chain(conversation: Conversation, told: Sequence[Message]) -> list[Message]:
    copies: list[Message] = []
    for message in told:
        copies.append(
            Message(
                conversation=conversation,
                parent=copies[-1] if copies else None,
                role=message.role,
                text=message.text,
                status=message.status,
                finish_reason=message.finish_reason,
                error_code=message.error_code,
                error_message=message.error_message,
                model=message.model,
            )
        )
    return copies


def _copy_pictures(reader: User, told: Sequence[Message], copies: Sequence[Message]) -> None:
    """The same stored pictures, as the reader's. Raises TooLarge."""
    leaving.hold_files()  # that go with the last conversation that shows them
    places = [
        (copy, picture)
        for message, copy in zip(told, copies, strict=True)
        for picture in message.pictures.all()
    ]
    told_of = {picture.image.blob: {"alt": picture.image.alt} for _, picture in places}
    room.take(reader, {blob.sha256: blob.bytes for blob in told_of})
    mine = {
        blob: Image.objects.get_or_create(owner=reader, blob=blob, defaults=told)[0]
        for blob, told in told_of.items()
    }
    MessageImage.objects.bulk_create(
        MessageImage(message=copy, image=mine[picture.image.blob], position=picture.position)
        for copy, picture in places
    )


def _copy_files(reader: User, told: Sequence[Message], copies: Sequence[Message]) -> None:
    """Files that are the reader's own, and take up the room that theirs may. Raises TooLarge."""
    places = [
        (copy, use)
        for message, copy in zip(told, copies, strict=True)
        for use in message.files.all()
    ]
    mine = text_files.copied(reader, {use.file_id: use.file for _, use in places}.values())
    MessageFile.objects.bulk_create(
        MessageFile(message=copy, file=mine[use.file_id], position=use.position)
        for copy, use in places
    )
