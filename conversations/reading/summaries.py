"""Which summary stands for the beginning of a branch: one that was made of exactly these messages.

An edit above it makes another branch, which it does not belong to; a message that goes takes it along;
and where a text has grown since, its digest is another and it is void.
"""

import hashlib
from collections.abc import Sequence
from uuid import UUID

from django.db import connection

from conversations.models import Conversation, Message, Summary

# What `digest` is of rows, from the root to a message; the texts do not leave Postgres.
DIGEST = """
WITH RECURSIVE way AS (
    SELECT id, parent_id, 1 AS depth FROM conversations_message WHERE id = %s
     UNION ALL
    SELECT above.id, above.parent_id, way.depth + 1
      FROM conversations_message above JOIN way ON above.id = way.parent_id
)
SELECT encode(sha256(convert_to(string_agg(
         way.id::text || ' ' || encode(sha256(convert_to(said.text, 'UTF8')), 'hex'), E'\\n'
         ORDER BY way.depth DESC
       ), 'UTF8')), 'hex')
  FROM way JOIN conversations_message said ON said.id = way.id
"""


def digest(told: Sequence[Message]) -> str:
    """Of messages from the root on: which they are, and what each of them says."""
    lines = (f"{one.pk} {hashlib.sha256(one.text.encode()).hexdigest()}" for one in told)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def standing(conversation: Conversation, way: Sequence[UUID]) -> Summary | None:
    """The one that stands for most of a branch, given from the root. One cheap question, where a
    conversation has none."""
    made = Summary.objects.filter(conversation=conversation, undone_at=None)
    by_place = {summary.until_id: summary for summary in made}
    if not by_place:
        return None
    on_it = (by_place[id] for id in reversed(way) if id in by_place)
    return next((summary for summary in on_it if holds(summary)), None)


def holds(summary: Summary) -> bool:
    """Whether it was made of what stands there now."""
    with connection.cursor() as cursor:
        cursor.execute(DIGEST, [summary.until_id])
        (now,) = cursor.fetchone()
    return bool(now == summary.digest)


def give(messages: Sequence[Message]) -> None:
    """Of these messages of one branch, the last that has one gets its `summary`: it is what the model
    reads in place of that message and all above it."""
    given = give_all(messages)
    for message in given[:-1]:
        del message.summary  # type: ignore[attr-defined]


def give_all(messages: Sequence[Message]) -> list[Message]:
    """Each that has one gets it, whichever branches they are on; those that got one."""
    made = Summary.objects.filter(until__in=[one.pk for one in messages], undone_at=None)
    standing = {summary.until_id: summary for summary in made if holds(summary)}
    given = [message for message in messages if message.pk in standing]
    for message in given:
        message.summary = standing[message.pk]  # type: ignore[attr-defined]
    return given
