"""What an export reads, page by page: no transaction lasts longer than one page of it."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from django.db.models import Model, QuerySet

from conversations import access
from conversations.attachments.storage import SUFFIXES
from conversations.chat.export.names import fit
from conversations.db import in_transaction
from conversations.models import Blob, Conversation, Image, Message, TextFile, User
from conversations.reading import branch

Row = TypeVar("Row", bound=Model)

# A message may have megabytes: so many of them are in memory at once, and no more.
MESSAGES_A_PAGE = 20
IMAGES_A_PAGE = 200
TEXTS_A_PAGE, TEXT_BYTES_A_PAGE = 200, 1024 * 1024


@dataclass(frozen=True, slots=True)
class Known:
    """As much of a conversation as a list of all of them can hold."""

    id: UUID
    title: str
    created_at: datetime


def conversations(user: User) -> list[Known]:
    """Oldest first. Temporary ones are not among them: they are not to outlast their day."""
    return in_transaction(_conversations, user)


def _conversations(user: User) -> list[Known]:
    rows = access.conversations_for(user).kept().order_by("created_at", "id")
    return [Known(*row) for row in rows.values_list("id", "title", "created_at")]


def conversation(user: User, id: object) -> Conversation:
    """Raises NotFound."""
    return in_transaction(access.conversation_for, user, id)


def pages(rows: QuerySet[Row], size: int) -> Iterator[list[Row]]:
    """In the order of their making."""
    last: UUID | None = None
    while page := in_transaction(_page, rows, last, size):
        yield page
        last = page[-1].pk


def _page(rows: QuerySet[Row], last: UUID | None, size: int) -> list[Row]:
    beyond = rows.filter(pk__gt=last) if last else rows
    return list(beyond.order_by("pk")[:size])


def every_message(conversation: Conversation) -> Iterator[Message]:
    """All branches, in the order of their making."""
    rows = branch.with_attachments(Message.objects.filter(conversation=conversation))
    for page in pages(rows, MESSAGES_A_PAGE):
        yield from in_transaction(_complete, conversation, page)


def active_branch(conversation: Conversation) -> Iterator[Message]:
    """From the first message to the active one."""
    ids = in_transaction(_way, conversation)
    for start in range(0, len(ids), MESSAGES_A_PAGE):
        yield from in_transaction(_of, conversation, ids[start : start + MESSAGES_A_PAGE])


def _way(conversation: Conversation) -> list[UUID]:
    leaf = conversation.active_message_id
    return branch.way_to(conversation, leaf, branch.EVERYTHING)[0] if leaf else []


def _of(conversation: Conversation, ids: Sequence[UUID]) -> list[Message]:
    found = branch.with_attachments(Message.objects.filter(pk__in=ids)).in_bulk()
    return _complete(conversation, [found[id] for id in ids if id in found])


def _complete(conversation: Conversation, messages: list[Message]) -> list[Message]:
    branch.complete(conversation, messages)
    return messages


def images(user: User) -> Iterator[Image]:
    """All that are the user's, whether they were sent or not."""
    for page in pages(access.pictures_of(user).select_related("blob"), IMAGES_A_PAGE):
        yield from page


def text_files(user: User) -> Iterator[TextFile]:
    """All that are the user's."""
    yield from _texts(in_transaction(_sizes, access.files_of(user)))


def texts_of(ids: Iterable[UUID]) -> Iterator[TextFile]:
    yield from _texts(in_transaction(_sizes, TextFile.objects.filter(pk__in=list(ids))))


def _sizes(rows: QuerySet[TextFile]) -> list[tuple[UUID, int]]:
    return list(rows.order_by("pk").values_list("pk", "bytes"))


def _texts(sizes: Iterable[tuple[UUID, int]]) -> Iterator[TextFile]:
    """Page by page: many small ones at once, of large ones each alone."""
    page: list[UUID] = []
    held = 0
    for id, size in sizes:
        if page and (held + size > TEXT_BYTES_A_PAGE or len(page) == TEXTS_A_PAGE):
            yield from in_transaction(_with_text, page)
            page, held = [], 0
        page.append(id)
        held += size
    yield from in_transaction(_with_text, page) if page else ()


def _with_text(ids: Sequence[UUID]) -> list[TextFile]:
    return list(TextFile.objects.filter(pk__in=ids).order_by("pk"))


def text_file(id: UUID, name: str) -> str:
    """As `image_file`; the id keeps two of one name apart."""
    return f"files/{id}/{fit(name)}"


def image_file(id: UUID, blob: Blob) -> str:
    """The name of a picture in an archive, as every form of export has it."""
    return f"images/{id}.{SUFFIXES[blob.content_type]}"
