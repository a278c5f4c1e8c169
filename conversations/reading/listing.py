"""A person's conversations, newest first, page by page."""

from conversations.access import conversations_for, folder_for
from conversations.models import Conversation, User
from conversations.reading.place import MOST, PAGE, paged
from conversations.reading.search import having

__all__ = ["MOST", "PAGE", "recent"]


def recent(
    user: User,
    limit: int = PAGE,
    *,
    cursor: str | None = None,
    archived: bool = False,
    q: str = "",
    pinned: bool | None = None,
    folder: str | None = None,
) -> tuple[list[Conversation], str | None]:
    """One page and the cursor to the next. `q` finds words in titles and messages."""
    rows = conversations_for(user).kept().filter(archived=archived)
    if pinned is not None:
        rows = rows.filter(pinned=pinned)
    if folder is not None:
        rows = rows.filter(folder=folder_for(user, folder))
    if words := q.strip():
        rows = having(rows, user, words)
    return paged(rows, "updated_at", cursor, limit)
