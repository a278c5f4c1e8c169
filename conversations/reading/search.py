"""Full text over all that one person said and was told, and over their titles.

What a person wants is the conversation of last month with that word: titles come first, then what is
newest, then where the words stand closest and most often.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from re import Pattern
from uuid import UUID

from django.db import connection
from django.db.models import BooleanField, Q
from django.db.models.expressions import RawSQL
from django.utils import timezone

from conversations.access import conversations_for, folders_for
from conversations.models import Conversation, User
from conversations.models.conversation import Conversations
from conversations.reading.findable import catch_up
from conversations.reading.lookup import HAS, Hit, Lookup, like
from conversations.reading.moments import when
from conversations.reading.objects import Object, conversation_object
from conversations.reading.passage import folded, marked, passage
from conversations.reading.sought import sought
from conversations.reading.wanted import Wanted, understood

CONVERSATIONS = 20
MOST = 50
PASSAGES = 3  # shown of one conversation
# As long as a piece with its overlap (migration `findable`).
PIECE = 4_200

# Of this age a place weighs half as much as one of today. Weights are relative to that.
AGE_DAYS = 30.0
TITLE_WEIGHT = 2.0
WORDS_WEIGHT = 4.0
DAY_SECONDS = 86_400

# The files of a message follow its text, each at another so many (migration `files_findable`).
NEXT = 262_144
PIECES = f"""
SELECT m.id, start, m.role, m.model, file.name,
       substr(CASE WHEN start < {NEXT} THEN m.text ELSE file.text END, start %% {NEXT} + 1, {PIECE})
  FROM unnest(%s::uuid[], %s::int[]) AS place(message, start)
  JOIN conversations_message m ON m.id = message
  LEFT JOIN conversations_messagefile use ON use.message_id = m.id AND use.position = start / {NEXT} - 1
  LEFT JOIN conversations_textfile file ON file.id = use.file_id
 WHERE start < {NEXT} OR file.id IS NOT NULL
"""  # noqa: S608 no word of theirs is in it


@dataclass(slots=True)
class Found:
    """A conversation, by its title or by what was said in it."""

    score: float = 0.0
    hits: list[Hit] = field(default_factory=list)


def search(user: User, typed: str, limit: int = CONVERSATIONS) -> Object:
    """The conversations that fit best, each with the passages that were found; filters that say nothing."""
    wanted = understood(typed)
    folders = _folders(user, wanted)
    nothing: Object = {"items": [], "next": None, "ignored": wanted.ignored}
    if not wanted.anything:
        return nothing
    catch_up(user)
    kept = conversations_for(user).kept().filter(folders, archived=wanted.place == "archive")
    asked = sought(user, wanted)
    lookup = Lookup(asked, user.pk, kept)
    by_title = bool(wanted.words) and not wanted.of_messages
    titles = lookup.titles() if by_title else []
    hits = [] if wanted.place == "title" else lookup.messages()
    if by_title and not titles and not hits:
        titles = lookup.like_titles()
    named = kept.in_bulk(titles)
    if wanted.after:
        named = {id: one for id, one in named.items() if one.updated_at >= wanted.after}
    best = _best(named.values(), hits)[:limit]
    items = _items(kept.in_bulk([id for id, _ in best]), best, asked.marks)
    return {**nothing, "items": items}


def having(rows: Conversations, user: User, typed: str) -> Conversations:
    """Those of `rows` that have in a title or a message what was typed; for lists that have an order."""
    wanted = understood(typed)
    rows = rows.filter(_folders(user, wanted))
    if not wanted.anything:
        return rows.none()
    catch_up(user)
    asked = sought(user, wanted)
    lookup = Lookup(asked, user.pk, rows)
    named = lookup.conversations()
    if named is not None:
        return rows.filter(pk__in=named)
    literals = [like(text) for text in asked.literals]
    values = asked.exact, literals, wanted.after or "-infinity", wanted.before or "infinity"
    return rows.filter(RawSQL(HAS, values, BooleanField()))  # noqa: S611 no word of theirs is in it


def _folders(user: User, wanted: Wanted) -> Q:
    """What is in the folders that are named. A name that no folder has, or begins with, says nothing."""
    inside = Q()
    names = (
        {folder.pk: folded(folder.name) for folder in folders_for(user)} if wanted.folders else {}
    )
    for folder in tuple(wanted.folders):
        name = folded(folder[0])
        called = [id for id, own in names.items() if own == name]
        called = called or [id for id, own in names.items() if own.startswith(name)]
        if called:
            inside &= Q(folder__in=called)
        else:
            wanted.folders.remove(folder)
            wanted.ignored.append(folder[1])
    return inside


def _best(named: Iterable[Conversation], hits: Iterable[Hit]) -> list[tuple[UUID, Found]]:
    found: dict[UUID, Found] = defaultdict(Found)
    for titled in named:
        found[titled.pk].score = TITLE_WEIGHT + _recency(titled.updated_at)
    for hit in hits:
        found[hit.conversation].hits.append(hit)
    for one in found.values():
        one.hits.sort(key=_weight, reverse=True)
        if one.hits:
            one.score += _weight(one.hits[0])
    return sorted(found.items(), key=lambda pair: pair[1].score, reverse=True)


def _weight(hit: Hit) -> float:
    return _recency(hit.at) + min(1.0, WORDS_WEIGHT * float(hit.rank))


def _recency(moment: datetime) -> float:
    """1 now, ½ at AGE_DAYS, never 0."""
    days = max(0.0, (timezone.now() - moment).total_seconds() / DAY_SECONDS)
    return AGE_DAYS / (AGE_DAYS + days)


def _items(
    conversations: dict[UUID, Conversation],
    best: list[tuple[UUID, Found]],
    marks: Pattern[str] | None,
) -> list[Object]:
    shown = {id: _shown(found.hits) for id, found in best if id in conversations}
    said = _said([hit for hits in shown.values() for hit in hits])
    return [
        {
            "conversation": conversation_object(conversations[id]),
            "title": marked(conversations[id].title, marks),
            "matches": [
                {**facts, "passage": passage(text, marks)}
                for facts, text in (said[hit] for hit in shown[id] if hit in said)
            ],
            "more": len({hit.message for hit in found.hits}) - len(shown[id]),
        }
        for id, found in best
        if id in shown
    ]


def _shown(hits: Iterable[Hit]) -> list[Hit]:
    """The best of each message, the best first."""
    each: dict[UUID, Hit] = {}
    for hit in hits:
        each.setdefault(hit.message, hit)
    return list(each.values())[:PASSAGES]


def _said(hits: list[Hit]) -> dict[Hit, tuple[Object, str]]:
    """Who said it, when, and the piece in which it stands."""
    with connection.cursor() as cursor:
        places = [hit.message for hit in hits], [hit.start for hit in hits]
        cursor.execute(PIECES, places)
        rows = {(row[0], row[1]): row[2:] for row in cursor.fetchall()}
    found = [
        (hit, rows[hit.message, hit.start]) for hit in hits if (hit.message, hit.start) in rows
    ]
    return {hit: (_facts(hit, *facts), text) for hit, (*facts, text) in found}


def _facts(hit: Hit, role: str, model: str, file: str | None) -> Object:
    return {
        "message": str(hit.message),
        "role": role,
        "model": model or None,
        "file": file,
        "created_at": when(hit.at),
    }
