"""How long the messages of a branch are, and who wrote them: all of it in one look, and no text is read.

Postgres knows the length of a text without fetching it, so that a conversation of thousands of messages
costs a model that reads the last hundred of them little more than a short one.
"""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection

from conversations.models import Blob, Conversation, Message, TextFile
from conversations.reading import branch

# Of all branches: to go up one of them row by row takes Postgres 20 ms for 5,000 messages, this 2, and a
# dict knows the way. Files are as long as what is written in them; pictures have no length here. Ids are
# text: as UUIDs they take Python longer than all the rest.
MEASURE = """
SELECT id::text, role,
       octet_length(text) + CASE WHEN has_files THEN (
         SELECT sum(file.bytes) FROM conversations_messagefile use
           JOIN conversations_textfile file ON file.id = use.file_id WHERE use.message_id = said.id
       )::bigint ELSE 0 END,
       has_files OR EXISTS (SELECT FROM conversations_messageimage use WHERE use.message_id = said.id),
       parent_id::text
  FROM (
    SELECT id, role, text, parent_id,
           EXISTS (SELECT FROM conversations_messagefile use WHERE use.message_id = one.id) AS has_files
      FROM conversations_message one WHERE conversation_id = %s
  ) said
"""
# What a model reads of a message, and what decides how. Everything is asked for in the form that takes
# psycopg the least time: there may be thousands.
TEXTS = """
SELECT id::text, role, text, nullif(options, '{}'), extract(epoch FROM created_at)::float8
  FROM conversations_message WHERE id = ANY(%s::uuid[])
"""


class Length(NamedTuple):
    """Of a message with its files. `attached`: there are files or pictures."""

    id: str
    role: str
    bytes: int
    attached: bool
    above: str | None = None


class Said(NamedTuple):
    """A message as a model reads it. A row of the ORM would take ten times as long to make, and there may
    be thousands: tuples, because a frozen dataclass takes four times as long as one."""

    role: str
    text: str
    options: dict[str, Any]
    created_at: datetime
    pictures: Sequence[Blob] = ()
    files: Sequence[TextFile] = ()
    id: str = ""


Attached = tuple[Sequence[Blob], Sequence[TextFile]]
NOTHING: Attached = ((), ())


def lengths(conversation: Conversation, leaf: UUID) -> list[Length]:
    """Of the branch that ends in `leaf`, oldest first."""
    with connection.cursor() as cursor:
        cursor.execute(MEASURE, [conversation.pk])
        rows = {row[0]: row for row in cursor.fetchall()}
    way: list[Length] = []
    place: str | None = str(leaf)
    while place in rows:
        way.append(Length(*rows[place]))
        place = way[-1].above
    way.reverse()
    return way


def texts(measured: Sequence[Length]) -> list[Said]:
    """The messages that were measured, with what is attached to those that have something."""
    with connection.cursor() as cursor:
        cursor.execute(TEXTS, ["{" + ",".join([length.id for length in measured]) + "}"])
        rows = {row[0]: row for row in cursor.fetchall()}
    attached = _attached([length.id for length in measured if length.attached])
    there = [rows[length.id] for length in measured if length.id in rows]
    return [_said(row, attached.get(row[0], NOTHING)) for row in there]


def _said(row: tuple[Any, ...], attached: Attached) -> Said:
    id, role, text, options, at = row
    pictures, files = attached
    asked = json.loads(options) if options else {}
    return Said(role, text, asked, datetime.fromtimestamp(at, UTC), pictures, files, id)


def said(message: Message) -> Said:
    attached = _attachments(message)
    at, id = message.created_at, str(message.pk)
    return Said(message.role, message.text, message.options, at, *attached, id)


def _attached(ids: Sequence[str]) -> dict[str, Attached]:
    messages = [Message(pk=UUID(id)) for id in ids]
    branch.give_attachments(messages)
    return {str(message.pk): _attachments(message) for message in messages}


def _attachments(message: Message) -> Attached:
    pictures = tuple(picture.image.blob for picture in message.pictures.all())
    return pictures, tuple(use.file for use in message.files.all())
