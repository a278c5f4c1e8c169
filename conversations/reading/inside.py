"""Finding words in one branch, as the eye would: here and now, without an index."""

from uuid import UUID

from django.db import connection

from conversations.models import Conversation

# A branch has thousands of messages at the most, and an index would find words, not parts of them.
FIND = """
WITH RECURSIVE way AS (
    SELECT id, parent_id, text, 1 AS depth FROM conversations_message
     WHERE id = %(leaf)s AND conversation_id = %(conversation)s
    UNION ALL
    SELECT above.id, above.parent_id, above.text, way.depth + 1
      FROM conversations_message above JOIN way ON above.id = way.parent_id
), folded AS (
    SELECT id, depth, lower(text) AS text, lower(%(words)s) AS words FROM way
)
SELECT id, (length(text) - length(replace(text, words, ''))) / length(words)
  FROM folded WHERE strpos(text, words) > 0 ORDER BY depth DESC
"""


def matches(conversation: Conversation, words: str, leaf: UUID | None) -> list[tuple[UUID, int]]:
    """The messages up to `leaf` that have `words` in their text, oldest first, and how often."""
    if not words.strip() or leaf is None:
        return []
    sought: dict[str, UUID | str] = {
        "leaf": leaf, "conversation": conversation.pk, "words": words,
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(FIND, sought)
        return [(id, count) for id, count in cursor.fetchall()]
