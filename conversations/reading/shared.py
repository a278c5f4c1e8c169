"""What a link shows: words, pictures and files, and nothing else that a message has."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID

from django.core.paginator import Page, Paginator

from conversations.access import NO_FILE, NO_IMAGE
from conversations.errors import NotFound
from conversations.models import Blob, Message, MessageFile, MessageImage, Share, TextFile
from conversations.models.conversation import Status
from conversations.reading import branch

MESSAGES_A_PAGE = 100

Use = TypeVar("Use", MessageImage, MessageFile)


@dataclass(frozen=True, slots=True)
class Picture:
    """`number` counts the pictures of the branch from 1: no id of ours goes out. `alt` is what its owner
    says for who cannot see it."""

    number: int
    width: int
    height: int
    bytes: int
    alt: str
    blocked: bool


@dataclass(frozen=True, slots=True)
class File:
    """`number` counts the files of the branch, as that of a picture does."""

    number: int
    name: str
    bytes: int


@dataclass(frozen=True, slots=True)
class Said:
    role: str
    text: str
    model: str
    broken: bool
    pictures: list[Picture]
    files: list[File]


def page(share: Share, number: str) -> "tuple[list[Said], Page[Any]]":
    """One page of what the link shows."""
    ids = _way(share)
    shown = Paginator(ids, MESSAGES_A_PAGE).get_page(number)
    found = Message.objects.in_bulk(list(shown))
    pictures, files = _numbered_pictures(share, ids), _numbered_files(share, ids)
    said = [
        _said(_as_it_stood(share, found[id]), pictures.get(id, []), files.get(id, []))
        for id in shown
        if id in found  # else deleted since we looked for the way, and the link with it
    ]
    return said, shown


def stored(share: Share) -> list[Message]:
    """The whole of it as rows, each as it stood."""
    rows = branch.as_stored(share.conversation, share.leaf_id)
    return [_as_it_stood(share, message) for message in rows]


def picture(share: Share, number: int) -> Blob:
    """Raises NotFound, also when the link does not show pictures."""
    if share.with_images:
        uses = _pictures(_way(share))
        if 0 < number <= len(uses):
            return uses[number - 1].image.blob
    raise NotFound(NO_IMAGE)


def file(share: Share, number: int) -> TextFile:
    """With what is written in it. Raises NotFound, also when the link does not show files."""
    if share.with_images:
        uses = _files(_way(share))
        if 0 < number <= len(uses):
            return TextFile.objects.get(pk=uses[number - 1].file_id)
    raise NotFound(NO_FILE)


def is_current(share: Share) -> bool:
    """Whether it shows all that stands now: its last message may have been gone on with. Of a link that
    `access` has found, its conversation with it."""
    place = (share.conversation.active_message_id, share.conversation.title)
    end = (share.length_now, share.status_now)  # type: ignore[attr-defined]
    stood = (share.leaf_length, share.leaf_status)
    return place == (share.leaf_id, share.title) and end == stood


def _way(share: Share) -> list[UUID]:
    return branch.way_to(share.conversation, share.leaf_id, branch.EVERYTHING)[0]


def _pictures(way: list[UUID]) -> list[MessageImage]:
    rows = MessageImage.objects.filter(message__in=way).select_related("image__blob")
    return _in_order(rows, way)


def _files(way: list[UUID]) -> list[MessageFile]:
    rows = MessageFile.objects.filter(message__in=way).select_related("file").defer("file__text")
    return _in_order(rows, way)


def _in_order(rows: Iterable[Use], way: list[UUID]) -> list[Use]:
    place = {id: index for index, id in enumerate(way)}
    return sorted(rows, key=lambda use: (place[use.message_id], use.position))


def _numbered_files(share: Share, way: list[UUID]) -> dict[UUID, list[File]]:
    if not share.with_images:
        return {}
    shown: dict[UUID, list[File]] = {}
    for number, use in enumerate(_files(way), 1):
        told = File(number, use.file.name, use.file.bytes)
        shown.setdefault(use.message_id, []).append(told)
    return shown


def _numbered_pictures(share: Share, way: list[UUID]) -> dict[UUID, list[Picture]]:
    if not share.with_images:
        return {}
    shown: dict[UUID, list[Picture]] = {}
    for number, use in enumerate(_pictures(way), 1):
        blob = use.image.blob
        told = Picture(number, blob.width, blob.height, blob.bytes, use.image.alt, blob.blocked)
        shown.setdefault(use.message_id, []).append(told)
    return shown


def _as_it_stood(share: Share, message: Message) -> Message:
    """An answer that broke off may have been gone on with since."""
    if message.pk != share.leaf_id:
        return message
    if len(message.text) > share.leaf_length or message.status != share.leaf_status:
        message.text = message.text[: share.leaf_length]
        message.status = share.leaf_status
        message.error_code = message.error_message = ""
        # A whole answer is gone on with only where its length was the limit.
        message.finish_reason = "length" if message.status == Status.COMPLETE else ""
    return message


def _said(message: Message, pictures: list[Picture], files: list[File]) -> Said:
    broken = message.status != Status.COMPLETE or message.finish_reason == "length"
    return Said(message.role, message.text, message.model, broken, pictures, files)
