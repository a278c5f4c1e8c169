"""How long the messages of a branch are, and who wrote them: all of it in one look, and no text is read.

Postgres knows the length of a text without fetching it, so that a conversation of thousands of messages
costs a model that reads the last hundred of them little more than a short one.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.db import connection

from conversations.models import Blob, Conversation, Message, TextFile
from conversations.reading import branch

# From a leaf to the root. Files are as long as what is written in them; pictures have no length here.
MEASURE = """
WITH RECURSIVE way AS (
    SELECT id, parent_id, role, octet_length(text) AS bytes, 1 AS depth
      FROM conversations_message WHERE id = %s AND conversation_id = %s
    UNION ALL
    SELECT above.id, above.parent_id, above.role, octet_length(above.text), way.depth + 1
      FROM conversations_message above JOIN way ON above.id = way.parent_id
)
SELECT id, role,
       bytes + coalesce((SELECT sum(file.bytes) FROM conversations_messagefile use
                           JOIN conversations_textfile file ON file.id = use.file_id
                          WHERE use.message_id = way.id), 0)::bigint,
       EXISTS (SELECT FROM conversations_messagefile use WHERE use.message_id = way.id)
       OR EXISTS (SELECT FROM conversations_messageimage use WHERE use.message_id = way.id)
  FROM way ORDER BY depth DESC
"""
# What a model reads of a message, and what decides how. Everything is asked for in the form that takes
# psycopg the least time: there may be thousands.
TEXTS = """
SELECT id, role, text, nullif(options, '{}'), extract(epoch FROM created_at)::float8
  FROM conversations_message WHERE id = ANY(%s::uuid[])
"""


@dataclass(frozen=True, slots=True)
class Length:
    """Of a message with its files. `attached`: there are files or pictures."""

    id: UUID
    role: str
    bytes: int
    attached: bool


@dataclass(frozen=True, slots=True)
class Said:
    """A message as a model reads it. A row of the ORM would take ten times as long to make."""

    role: str
    text: str
    options: dict[str, Any]
    created_at: datetime
    pictures: Sequence[Blob] = ()
    files: Sequence[TextFile] = ()


def lengths(conversation: Conversation, leaf: UUID) -> list[Length]:
    """Of the branch that ends in `leaf`, oldest first."""
    with connection.cursor() as cursor:
        cursor.execute(MEASURE, [leaf, conversation.pk])
        return [Length(*row) for row in cursor.fetchall()]


def texts(measured: Sequence[Length]) -> list[Said]:
    """The messages that were measured, with what is attached to those that have something."""
    with connection.cursor() as cursor:
        cursor.execute(TEXTS, ["{" + ",".join(str(length.id) for length in measured) + "}"])
        rows = {id: _said(*row) for id, *row in cursor}
    attached = _attached([length.id for length in measured if length.attached])
    ids = [length.id for length in measured if length.id in rows]
    return [Said(*rows[id], *attached.get(id, ())) for id in ids]


def _said(
    role: str, text: str, options: str | None, at: float
) -> tuple[str, str, dict[str, Any], datetime]:
    return role, text, json.loads(options) if options else {}, datetime.fromtimestamp(at, UTC)


def said(message: Message) -> Said:
    attached = _attachments(message)
    return Said(message.role, message.text, message.options, message.created_at, *attached)


def _attached(ids: Sequence[UUID]) -> dict[UUID, tuple[list[Blob], list[TextFile]]]:
    messages = [Message(pk=id) for id in ids]
    branch.give_attachments(messages)
    return {message.pk: _attachments(message) for message in messages}


def _attachments(message: Message) -> tuple[list[Blob], list[TextFile]]:
    pictures = [picture.image.blob for picture in message.pictures.all()]
    return pictures, [use.file for use in message.files.all()]
