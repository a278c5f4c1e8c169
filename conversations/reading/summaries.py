"""Which summary stands for the beginning of a branch: one that was made of exactly these messages.

An edit above it makes another branch, which it does not belong to; a message that goes takes it along;
and where a text has grown since, its digest is another and it is void.
"""

from collections.abc import Sequence
from uuid import UUID

from django.db import connection

from conversations.models import Conversation, Message, Summary
from conversations.reading.lengths import Length

# From the root to a message; the texts do not leave Postgres.
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


MOST_KNOWN = 10_000

# Of those that this process found to hold: how long what they stand for was then.
_known: dict[UUID, int] = {}


def digest(until: UUID) -> str:
    """Of the messages from the root to this one: which they are, and what each of them says."""
    with connection.cursor() as cursor:
        cursor.execute(DIGEST, [until])
        return str(cursor.fetchone()[0])


def standing(conversation: Conversation, measured: Sequence[Length]) -> Summary | None:
    """The one that stands for most of a branch, given from the root. One cheap question, where a
    conversation has none."""
    made = Summary.objects.filter(conversation=conversation, undone_at=None)
    by_place = {str(summary.until_id): summary for summary in made}
    if not by_place:
        return None
    on_it = (by_place[one.id] for one in reversed(measured) if one.id in by_place)
    return next((one for one in on_it if _holds_still(one, measured[: one.messages])), None)


def _holds_still(summary: Summary, stands_for: Sequence[Length]) -> bool:
    """Texts grow and are never written anew: what is as long as it was says what it said, and Postgres
    need not read thousands of them for each question."""
    size = sum(one.bytes for one in stands_for)
    if _known.get(summary.pk) == size:
        return True
    if not holds(summary):
        return False
    if len(_known) >= MOST_KNOWN:
        _known.clear()
    _known[summary.pk] = size
    return True


def holds(summary: Summary) -> bool:
    """Whether it was made of what stands there now."""
    return digest(summary.until_id) == summary.digest


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
