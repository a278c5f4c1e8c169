"""Down from a message to the end of a branch: what one sees who turns to another version of it."""

from uuid import UUID

from django.db import connection

# Ids sort by the time they were made.
DESCEND = """
WITH RECURSIVE below AS (
    SELECT id, conversation_id FROM conversations_message WHERE id = %s
    UNION ALL
    SELECT child.id, child.conversation_id FROM below
      JOIN conversations_message child
        ON child.conversation_id = below.conversation_id AND child.parent_id = below.id
)
SELECT id FROM below
 WHERE NOT EXISTS (SELECT FROM conversations_message child
                    WHERE child.conversation_id = below.conversation_id AND child.parent_id = below.id)
 ORDER BY id DESC LIMIT 1
"""


def newest_leaf_below(message: UUID) -> UUID:
    """The message that was written last among those below `message` with nothing below them."""
    with connection.cursor() as cursor:
        cursor.execute(DESCEND, [message])
        leaf: UUID = cursor.fetchone()[0]
    return leaf
