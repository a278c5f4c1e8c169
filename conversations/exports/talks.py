"""Conversations as lines, each whole: all branches, as their owner takes them along, and whose it is."""

from collections.abc import Generator, Iterable
from dataclasses import dataclass
from uuid import UUID

import orjson
from django.db.models import QuerySet

from conversations import audit
from conversations.chat.export import document
from conversations.db import in_transaction
from conversations.errors import NotFound
from conversations.exports import pages
from conversations.exports.sheets import JSON_LINES, Lines, end
from conversations.models import Conversation, User
from conversations.review import telling

PIECE_BYTES = 64 * 1024
ACTION = "conversation.export"


@dataclass(frozen=True, slots=True)
class Reading:
    """By whom they are read, from where, and why. Without a person: by a command."""

    by: User | None
    address: str | None
    reason: str


def lines(rows: QuerySet[Conversation], reading: Reading) -> Lines:
    """Temporary ones are not among them: they are not to outlast their day."""
    done = 0
    for page in pages.ids(rows.filter(expires_at=None, deleted_at=None)):
        for conversation in in_transaction(_opened, page, reading):
            for whole, piece in _line(conversation):
                done += whole
                yield whole, piece
    yield 0, end(JSON_LINES, done)


def _opened(page: list[UUID], reading: Reading) -> list[Conversation]:
    """Each is on record as read before a word of it leaves."""
    found = list(Conversation.objects.filter(pk__in=page).select_related("owner").order_by("pk"))
    for one in found:
        audit.record(
            reading.by, ACTION, one,
            owner=one.owner, address=reading.address, reason=reading.reason,
        )  # fmt: skip
        if reading.by is not None:
            telling.of_reading(reading.by, one, reading.reason)
    return found


def _line(conversation: Conversation) -> Lines:
    """Nothing of one that was deleted since it was found."""
    owner = conversation.owner
    whose = orjson.dumps({"owner": {"id": owner.pk, "name": owner.get_username()}})
    made = document.pieces(owner, conversation.pk)
    try:
        first = next(made)
    except NotFound:
        return
    for piece in _gathered([whose[:-1] + b"," + first[1:]], made):
        yield 0, piece
    yield 1, b"\n"


def _gathered(*parts: Iterable[bytes]) -> Generator[bytes]:
    """A piece a message would be a million of them."""
    held = bytearray()
    for part in parts:
        for piece in part:
            held += piece
            if len(held) >= PIECE_BYTES:
                yield bytes(held)
                held.clear()
    if held:
        yield bytes(held)
