"""How long the messages of a branch are, and who wrote them: all of it in one look, and no text is read.

Postgres knows the length of a text without fetching it, so that a conversation of thousands of messages
costs a model that reads the last hundred of them little more than a short one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import connection

from conversations.models import Conversation, Message
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
# What a model reads of a message, and what decides how.
TEXTS = """
SELECT id, conversation_id, parent_id, role, text, options, created_at
  FROM conversations_message WHERE id = ANY(%s)
"""


@dataclass(frozen=True, slots=True)
class Length:
    """Of a message with its files. `attached`: there are files or pictures."""

    id: UUID
    role: str
    bytes: int
    attached: bool


def lengths(conversation: Conversation, leaf: UUID) -> list[Length]:
    """Of the branch that ends in `leaf`, oldest first."""
    with connection.cursor() as cursor:
        cursor.execute(MEASURE, [leaf, conversation.pk])
        return [Length(*row) for row in cursor.fetchall()]


def texts(measured: Sequence[Length]) -> list[Message]:
    """The messages that were measured, with what is attached to those that have something."""
    attached = {length.id: length.attached for length in measured}
    found = {message.pk: message for message in Message.objects.raw(TEXTS, [list(attached)])}
    bare = [message for id, message in found.items() if not attached[id]]
    branch.without_pictures(*bare)
    branch.without_files(*bare)
    branch.give_attachments([message for id, message in found.items() if attached[id]])
    return [found[id] for id in attached if id in found]
