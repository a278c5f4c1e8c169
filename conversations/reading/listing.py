"""A person's conversations, newest first, page by page."""

from datetime import datetime
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from conversations.access import conversations_for, folder_for
from conversations.errors import Invalid
from conversations.ids import parsed
from conversations.models import Conversation, User
from conversations.reading.search import having

PAGE = 50
MOST = 200


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
    if cursor:
        moment, id = _place(cursor)
        rows = rows.filter(Q(updated_at__lt=moment) | Q(updated_at=moment, pk__lt=id))
    page = list(rows.order_by("-updated_at", "-id")[: limit + 1])
    more = len(page) > limit
    return page[:limit], _cursor(page[limit - 1]) if more else None


def _cursor(last: Conversation) -> str:
    return f"{last.updated_at.isoformat()}~{last.pk}"


def _place(cursor: str) -> tuple[datetime, UUID]:
    moment, _mark, id = cursor.partition("~")
    found = parsed(id)
    try:
        at = datetime.fromisoformat(moment.replace(" ", "+"))
    except ValueError:
        found = None
    if found is None or at.tzinfo is None:
        raise Invalid(_("This place in the list is not known."), fields={"cursor": ["not known"]})
    return at, found
