"""Down from a message: to the end of a branch, which one sees who turns to another version; to all ends."""

from uuid import UUID

from django.db import connection

from conversations.errors import NotFound

# Ids sort by the time they were made.
DESCEND = """
WITH RECURSIVE below AS (
    SELECT id, conversation_id FROM conversations_message WHERE id = %s
    UNION ALL
    SELECT child.id, child.conversation_id FROM below
      JOIN conversations_message child
        ON child.conversation_id = below.conversation_id AND child.parent_id = below.id
)
"""
ALL = "SELECT id FROM below"
NEWEST_LEAF = """
SELECT id FROM below
 WHERE NOT EXISTS (SELECT FROM conversations_message child
                    WHERE child.conversation_id = below.conversation_id AND child.parent_id = below.id)
 ORDER BY id DESC LIMIT 1
"""


def newest_leaf_below(message: UUID) -> UUID:
    """The message that was written last among those below `message` with nothing below them.
    Raises NotFound when it has just been deleted."""
    leaves = _below(message, NEWEST_LEAF)
    if not leaves:
        raise NotFound
    return leaves[0]


def all_below(message: UUID) -> list[UUID]:
    """`message` and all that was said after it, on every branch."""
    return _below(message, ALL)


def _below(message: UUID, what: str) -> list[UUID]:
    with connection.cursor() as cursor:
        cursor.execute(DESCEND + what, [message])
        return [id for (id,) in cursor.fetchall()]
