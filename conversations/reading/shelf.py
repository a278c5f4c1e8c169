"""What the sidebar shows at first, above the newest too: what is pinned, and what is in folders.

Grouped for the template as `static/js/state/listing.js` groups it: nothing moves when scripts take over.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any

from django.db.models import Q

from conversations import access
from conversations.models import Conversation, Folder, User
from conversations.reading import listing

# Of each: enough for a list that somebody keeps in order by hand. More comes as one scrolls.
MOST = 200


@dataclass(frozen=True, slots=True)
class Shelf:
    conversations: list[Conversation]
    next: str | None
    folders: list[Folder]


@dataclass(slots=True)
class Group:
    """Its key as scripts know it; a folder, or a name of the day or of a month."""

    key: str
    name: str = ""
    folder: Folder | None = None
    month: datetime | None = None
    items: list[Conversation] = field(default_factory=list)


def first(user: User, newest: int) -> Shelf:
    page, more = listing.recent(user, newest)
    folders = list(access.folders_for(user))
    above = _some(user, Q(pinned=True))
    if folders:
        above += _some(user, Q(folder__in=folders))
    conversations = {one.pk: one for one in [*page, *above]}
    return Shelf(list(conversations.values()), more, folders)


def _some(user: User, which: Q) -> list[Conversation]:
    rows = access.conversations_for(user).kept().filter(which, archived=False)
    return list(rows.order_by("-updated_at", "-id")[:MOST])


def groups(shelf: Shelf, zone: tzinfo | None, now: datetime | None = None) -> list[Group]:
    """Pinned ones, folders, days. `zone` is where the reader's day begins."""
    today = (now or datetime.now(UTC)).astimezone(zone or UTC).date()
    pinned = Group("pinned", "pinned")
    folders: dict[Any, Group] = {
        one.pk: Group(f"folder:{one.pk}", folder=one) for one in shelf.folders
    }
    days: dict[str, Group] = {}
    for one in sorted(shelf.conversations, key=lambda one: (one.updated_at, one.pk), reverse=True):
        if one.pinned:
            pinned.items.append(one)
        elif one.folder_id in folders:
            folders[one.folder_id].items.append(one)
        else:
            group = _day(one.updated_at.astimezone(zone or UTC), today)
            days.setdefault(group.key, group).items.append(one)
    pinned.items.sort(key=_pinning)
    return [*([pinned] if pinned.items else []), *folders.values(), *days.values()]


def _pinning(one: Conversation) -> tuple[Any, ...]:
    return (one.pinned_at is not None, one.pinned_at or one.created_at, one.pk)


def _day(at: datetime, today: Any) -> Group:
    for name, days in (("today", 0), ("yesterday", 1), ("week", 7), ("month", 30)):
        if at.date() >= today - timedelta(days=days):
            return Group(name, name)
    return Group(f"{at:%Y-%m}", month=at)
