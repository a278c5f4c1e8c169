"""A whole conversation as staff read it: every branch, the active one first, and on record."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.paginator import Page, Paginator
from django.db import transaction
from django.db.models import Prefetch

from conversations import access, audit
from conversations.ids import parsed
from conversations.models import Conversation, Decision, Message, Note, Run, User
from conversations.reading import branch, summaries
from conversations.reading.costs import dollars
from conversations.review import opening, telling

TURNS_A_PAGE = 100

# A message's id → its parent's, in the order of their making.
Tree = Mapping[UUID, UUID | None]
# A parent's id (None above the first messages) → its children's ids, oldest first.
Children = dict[UUID | None, list[UUID]]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a message stands in the transcript."""

    id: UUID
    number: int
    branch: int  # 0 is the active one
    page: int


@dataclass(frozen=True, slots=True)
class Work:
    """One run that wrote at this answer."""

    run: Run
    seconds: float | None
    first_token_seconds: float | None


@dataclass(frozen=True, slots=True)
class Turn:
    message: Message
    place: Place
    opens: bool  # an alternative branch begins here
    after: Place | None
    version: int
    versions: int
    before: Place | None  # the version before this one, and the next
    next: Place | None
    works: list[Work]
    cost: str | None


@dataclass(frozen=True, slots=True)
class Transcript:
    conversation: Conversation
    # The person's own, as they are now: the model reads them in every conversation.
    instructions: str
    turns: list[Turn]
    page: "Page[Any]"
    messages: int
    alternatives: int


@transaction.atomic
def read(
    reader: User, conversation: Conversation,
    *, address: str | None, page: str = "1", at: str | None = None,
) -> Transcript:  # fmt: skip
    """One page of the transcript, or the one where the message `at` stands. That `reader` has seen it is
    written down with it, or nothing is shown."""
    rows = Message.objects.filter(conversation=conversation).order_by("id")
    tree: Tree = dict(rows.values_list("id", "parent_id"))
    ways = branches(tree, conversation.active_message_id)
    places = _places(ways)
    wanted = places.get(parsed(at) or conversation.pk)
    number = wanted.page if wanted else page
    shown = Paginator(list(places.values()), TURNS_A_PAGE).get_page(number)
    _record(reader, conversation, shown, address)
    firsts = {way[0] for way in ways[1:]}
    turns = [_turn(message, places, firsts) for message in _messages(conversation, list(shown))]
    instructions = access.preferences_for(conversation.owner).system_prompt
    return Transcript(conversation, instructions, turns, shown, len(tree), len(firsts))


def _record(reader: User, place: Conversation, shown: "Page[Any]", address: str | None) -> None:
    audit.record(
        reader, "transcript.read", place, owner=place.owner, address=address,
        page=shown.number, messages=len(shown),
    )  # fmt: skip
    telling.of_reading(reader, place, opening.reason_of(reader, place))


def branches(tree: Tree, active: UUID | None) -> list[list[UUID]]:
    """The active branch, then every other way from where it leaves an earlier one down to a leaf.

    Each message is in exactly one. No recursion: a person decides how deep their branches nest.
    """
    children: Children = defaultdict(list)
    for id, parent in tree.items():
        children[parent].append(id)
    first = _up(tree, active) if active in tree else []
    ways = [first] if first else []
    placed = set(first)
    _leave(None, children, ways, placed)
    for way in ways:  # grows as we go
        for id in way:
            _leave(id, children, ways, placed)
    return ways


def _leave(
    parent: UUID | None, children: Children, ways: list[list[UUID]], placed: set[UUID]
) -> None:
    """Begin a way at each child of `parent` that has none. The newest is the main one, so it comes first."""
    for child in reversed(children.get(parent, [])):
        if child not in placed:
            way = _down(children, child)
            ways.append(way)
            placed.update(way)


def _up(tree: Tree, leaf: UUID | None) -> list[UUID]:
    way = []
    while leaf is not None:
        way.append(leaf)
        leaf = tree[leaf]
    return way[::-1]


def _down(children: Children, id: UUID) -> list[UUID]:
    """By the newest child to a leaf."""
    way = [id]
    while below := children.get(way[-1]):
        way.append(below[-1])
    return way


def _places(ways: list[list[UUID]]) -> dict[UUID, Place]:
    places: dict[UUID, Place] = {}
    for branch_number, way in enumerate(ways):
        for id in way:
            index = len(places)
            places[id] = Place(id, index + 1, branch_number, index // TURNS_A_PAGE + 1)
    return places


def _messages(conversation: Conversation, places: list[Place]) -> list[Message]:
    """With pictures, runs, siblings, remarks, and the text so far of an answer that still streams."""
    beside = (
        Prefetch("runs", Run.objects.order_by("created_at")),
        Prefetch("decisions", Decision.objects.select_related("by").order_by("at")),
        Prefetch("notes", Note.objects.select_related("by").order_by("at")),
    )
    wanted = Message.objects.filter(pk__in=[place.id for place in places]).prefetch_related(*beside)
    found = branch.with_attachments(wanted).in_bulk()
    messages = [found[place.id] for place in places if place.id in found]
    branch.complete(conversation, messages)
    summaries.give_all(messages)
    return messages


def _turn(message: Message, places: dict[UUID, Place], firsts: set[UUID]) -> Turn:
    siblings: list[UUID] = message.siblings  # type: ignore[attr-defined]
    at = siblings.index(message.pk)
    return Turn(
        message=message,
        place=places[message.pk],
        opens=message.pk in firsts,
        after=places.get(message.parent_id) if message.parent_id else None,
        version=at + 1,
        versions=len(siblings),
        before=places.get(siblings[at - 1]) if at else None,
        next=places.get(siblings[at + 1]) if at + 1 < len(siblings) else None,
        works=[_work(run) for run in message.runs.all()],
        cost=dollars(message.cost_micros),
    )


def _work(run: Run) -> Work:
    return Work(
        run,
        _seconds(run.started_at, run.finished_at),
        _seconds(run.started_at, run.first_token_at),
    )


def _seconds(begin: datetime | None, end: datetime | None) -> float | None:
    return (end - begin).total_seconds() if begin and end else None
