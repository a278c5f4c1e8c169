"""A conversation is a tree; people read one branch of it, from the root to a leaf."""

from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import F, Prefetch, QuerySet, Sum, prefetch_related_objects

from conversations.models import (
    Conversation,
    Feedback,
    Message,
    MessageFile,
    MessageImage,
    Run,
    RunEvent,
    TextFile,
)
from conversations.models.conversation import LIVE, Role, Status

# Up from a leaf, `limit` messages and the id of the one above them.
CLIMB = """
WITH RECURSIVE way AS (
    SELECT id, parent_id, 1 AS depth FROM conversations_message
     WHERE id = %s AND conversation_id = %s
    UNION ALL
    SELECT above.id, above.parent_id, way.depth + 1
      FROM conversations_message above JOIN way ON above.id = way.parent_id
     WHERE way.depth < %s
)
SELECT id, parent_id FROM way ORDER BY depth DESC
"""
EVERYTHING = 2**31 - 1
# What the end of a run writes into its answer (runs/finish.py).
SEALED = (
    "text", "reasoning", "status", "finish_reason", "error_code", "error_message", "input_tokens",
    "cached_input_tokens", "output_tokens", "reasoning_tokens", "cost_micros", "cached",
)  # fmt: skip


def way_to(conversation: Conversation, leaf: UUID, limit: int) -> tuple[list[UUID], UUID | None]:
    """The ids of the branch's last `limit` messages, oldest first, and the id above them."""
    with connection.cursor() as cursor:
        cursor.execute(CLIMB, [leaf, conversation.pk, limit])
        rows: list[tuple[UUID, UUID | None]] = cursor.fetchall()
    return [id for id, _ in rows], rows[0][1] if rows else None


def page(
    conversation: Conversation, leaf: UUID | None = None, limit: int = 50
) -> tuple[list[Message], str | None]:
    """The last `limit` messages up to `leaf` (default: the active one) and the cursor to earlier ones."""
    leaf = leaf or conversation.active_message_id
    if leaf is None:
        return [], None
    ids, above = way_to(conversation, leaf, limit)
    messages = _messages(ids)
    complete(conversation, messages)
    return messages, str(above) if above else None


def leads_through(conversation: Conversation, leaf: UUID, message: UUID) -> bool:
    """Whether `message` is on the branch that ends in `leaf`."""
    return message in way_to(conversation, leaf, EVERYTHING)[0]


def as_stored(conversation: Conversation, leaf: UUID) -> list[Message]:
    """The whole branch that ends in `leaf`, oldest first, as its rows have it."""
    return _messages(way_to(conversation, leaf, EVERYTHING)[0])


def _messages(ids: list[UUID]) -> list[Message]:
    found = with_attachments(Message.objects.filter(pk__in=ids)).in_bulk()
    return [found[id] for id in ids if id in found]


def _attachments() -> "tuple[str | Prefetch[Any], ...]":
    """What is shown of pictures and files; what is written in a file only the model reads."""
    named = Prefetch("files__file", TextFile.objects.defer("text"))
    return "pictures__image__blob", named


def with_attachments(messages: Any) -> Any:
    return messages.prefetch_related(*_attachments())


def give_attachments(messages: Sequence[Message]) -> None:
    prefetch_related_objects(messages, *_attachments())


def without_pictures(*messages: Message) -> None:
    """They are new and have none: Postgres need not be asked."""
    _have_no("pictures", MessageImage, messages)


def without_files(*messages: Message) -> None:
    _have_no("files", MessageFile, messages)


def _have_no(
    name: str, uses: type[MessageImage | MessageFile], messages: Sequence[Message]
) -> None:
    """As prefetching leaves it, which takes some 500 calls a message to find nothing."""
    for message in messages:
        message.__dict__.setdefault("_prefetched_objects_cache", {})[name] = _none(uses)


@cache
def _none(uses: type[MessageImage | MessageFile]) -> QuerySet[Any]:
    """Looked at once, for all: nothing is ever in it."""
    none: QuerySet[Any] = uses.objects.none()
    len(none)
    return none


def complete(conversation: Conversation, messages: Sequence[Message]) -> None:
    """Give each message its `siblings`, and an answer that still streams its text so far."""
    _give_text_so_far([message for message in messages if message.status == Status.RUNNING])
    beside(conversation, messages)


def beside(
    conversation: Conversation, messages: Sequence[Message], *, are_new: bool = False
) -> None:
    """Give each message its `siblings`, and unless it is new what its owner thinks of it and how long it
    took; an answer that streams is as its run found it."""
    for message in messages:
        message.conversation = conversation
    _give_siblings(conversation, messages)
    if not are_new:
        _give_opinions(conversation, messages)
        _give_seconds(messages)


def _give_siblings(conversation: Conversation, messages: Sequence[Message]) -> None:
    parents = {message.parent_id for message in messages}
    same: dict[UUID | None, list[UUID]] = {parent: [] for parent in parents}
    rows = Message.objects.filter(conversation=conversation)
    beside = rows.filter(parent__in=[parent for parent in parents if parent])
    if None in parents:
        beside |= rows.filter(parent=None)
    for id, parent in beside.order_by("id").values_list("id", "parent_id"):
        same[parent].append(id)
    for message in messages:
        message.siblings = same[message.parent_id]  # type: ignore[attr-defined]


def _give_opinions(conversation: Conversation, messages: Sequence[Message]) -> None:
    answers = [message for message in messages if message.role == Role.ASSISTANT]
    given = Feedback.objects.filter(message__in=answers, user=conversation.owner_id)
    opinions = {opinion.message_id: opinion for opinion in given} if answers else {}
    for message in answers:
        message.opinion = opinions.get(message.pk)  # type: ignore[attr-defined]


def _give_seconds(messages: Sequence[Message]) -> None:
    """How long an answer was written, all its runs together."""
    answers = [message.pk for message in messages if message.role == Role.ASSISTANT]
    ended = Run.objects.filter(message__in=answers, started_at__isnull=False)
    took = ended.values("message").annotate(took=Sum(F("finished_at") - F("started_at")))
    times = {row["message"]: row["took"] for row in took} if answers else {}
    for message in messages:
        took_one = times.get(message.pk)
        seconds = None if took_one is None else round(took_one.total_seconds(), 3)
        message.seconds = seconds  # type: ignore[attr-defined]


def _give_text_so_far(messages: Iterable[Message]) -> None:
    """An answer may be sealed, and its journal gone, between two of our looks: then the last one counts."""
    for message in messages:
        live = Run.objects.filter(message=message, status__in=LIVE)
        run = live.first()
        if run is not None:
            message.text += journal_text(run, RunEvent.Kind.TEXT)
            message.reasoning += journal_text(run, RunEvent.Kind.REASONING)
        if run is None or not live.exists():
            sealed = Message.objects.filter(pk=message.pk).values(*SEALED).first() or {}
            for name, value in sealed.items():
                setattr(message, name, value)


def journal_text(run: Run, kind: str) -> str:
    """What a live run has written so far, as far as the journal has it.

    Pieces lie where their `at` says: after an insert of which nobody knew whether it was committed
    the same place was written twice.
    """
    began = run.text_before if kind == RunEvent.Kind.TEXT else run.reasoning_before
    pieces: list[str] = []
    length = began
    rows = RunEvent.objects.filter(run=run, kind=kind).order_by("at", "id")
    for at, text in rows.values_list("at", "text"):
        if at > length:
            break
        fresh = text[length - at :]
        pieces.append(fresh)
        length += len(fresh)
    return "".join(pieces)
