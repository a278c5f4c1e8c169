"""The queue: messages that were reported, rated badly or marked, what was said last coming first.

A question and nothing else: a case is open while something was said after the newest decision on it.
"""

from collections.abc import Collection
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import F, Prefetch, Q, QuerySet
from django.utils.formats import number_format

from conversations import oversight
from conversations.models import Case, Conversation, Decision, Feedback, Flag, SpokenOf, User
from conversations.models.conversation import LONG, present
from conversations.models.feedback import badly_spoken_of

SAID, DECIDED_AT = "spoken_of__said_at", "spoken_of__decided_at"
OPEN = Q(decided_at=None) | Q(decided_at__lt=F("said_at"))
ORDER = ("-said_at", "pk")
DECIDED = Q(decided_at__gte=F("said_at"))
# Of what stands next in the queue so many are looked at first: the next one may be for other reviewers.
NEAR = 64
# A person's words are read in the transcript, on record.
WORDS = (*LONG, "error_message")
# Who sees no more cases than these has them looked up by their ids: Postgres takes the queue to be short and
# would go through all of it for them. For who sees more it does not go far before a page is full.
FEW = 200
OWNER = "conversation__owner"
# Further than that nobody wants to know how many wait: each has to be looked up.
COUNTED = 100


class Waiting(NamedTuple):
    """How many, and how a person is told it: with a plus where nobody counted on."""

    number: int
    said: str


class Neighbours(NamedTuple):
    """In the queue as it is read: what was said later stands before."""

    before: Case | None
    after: Case | None


def cases() -> QuerySet[Any]:
    """Each with `said_at` and `decided_at`; what its owner deleted is gone here, too."""
    rows = Case.objects.filter(present("conversation__"))
    return rows.annotate(said_at=F(SAID), decided_at=F(DECIDED_AT)).defer(*WORDS)


def of_messages(ids: Collection[UUID]) -> dict[UUID, Any]:
    """The cases among these messages, open or decided."""
    return cases().filter(spoken_of__in=ids).in_bulk()


def with_all_said(rows: QuerySet[Any]) -> QuerySet[Any]:
    """What was said of each, and decided, the newest first; in a few statements for all of them.

    Conversations and owners come with the fifty of a page: a join would fetch them for all
    that are put in order.
    """
    talks = Conversation.objects.defer("system_prompt").select_related("owner")
    spoken = Feedback.objects.filter(badly_spoken_of()).select_related("user")
    return rows.prefetch_related(
        Prefetch("conversation", talks),
        Prefetch("feedback", spoken.order_by("-updated_at"), "opinions"),
        Prefetch("flags", Flag.objects.order_by("-at"), "marks"),
        Prefetch("decisions", Decision.objects.select_related("by").order_by("-at"), "decided"),
    )


def seen_by(reader: User) -> Q:
    """Those of people whom `reader` may see."""
    return _sight(reader)[0]


def waiting(reader: User) -> QuerySet[Any]:
    """The open ones that `reader` may see."""
    return _waiting(seen_by(reader))


def _waiting(seen: Q) -> QuerySet[Any]:
    return cases().filter(OPEN, seen).order_by(*ORDER)


def _sight(reader: User) -> tuple[Q, list[UUID] | None]:
    """Of who sees some people only also the ids of their cases, or None: they are not few."""
    theirs = oversight.theirs(reader, OWNER)
    few = _few_of(reader) if theirs else None
    return theirs if few is None else theirs & Q(spoken_of__in=few), few


def _few_of(reader: User) -> list[UUID] | None:
    """Beginning with the people, or however Postgres finds them soonest."""
    theirs = oversight.theirs(reader, f"message__{OWNER}")
    opinions = Feedback.objects.filter(badly_spoken_of(), theirs).values_list("message")
    flags = Flag.objects.filter(theirs).values_list("message")
    found = list(opinions.union(flags, all=True)[: FEW + 1])
    return None if len(found) > FEW else list({id for (id,) in found})


def how_many_wait(reader: User) -> Waiting:
    """Counted as far as a number means anything."""
    number = waiting(reader).order_by()[: COUNTED + 1].count()
    said = number_format(min(number, COUNTED), force_grouping=True)
    return Waiting(number, said if number <= COUNTED else f"{said}+")


def neighbours(reader: User, case: Any) -> Neighbours:
    """The open ones beside this, whether it is open itself or not."""
    seen, few = _sight(reader)
    rows = _waiting(seen)
    spoken = SpokenOf.objects.all() if few is None else SpokenOf.objects.filter(pk__in=few)
    return Neighbours(_next(rows, spoken, case, later=True), _next(rows, spoken, case, later=False))


def _next(
    rows: QuerySet[Any], spoken: QuerySet[SpokenOf], case: Any, *, later: bool
) -> Case | None:
    """Postgres would look up the messages of all that stand on that side before it puts them in order."""
    at, key = ("gt", "lt") if later else ("lt", "gt")
    beyond = Q(**{f"said_at__{at}": case.said_at})
    beyond |= Q(**{"said_at": case.said_at, f"message__{key}": case.pk})
    order = ("said_at", "-message") if later else ("-said_at", "message")
    near = spoken.filter(OPEN, beyond).order_by(*order).values_list("pk", flat=True)
    ids = list(near[:NEAR])
    rows = rows.reverse() if later else rows
    found: Case | None = rows.filter(spoken_of__in=ids).first()
    if found is None and len(ids) == NEAR:
        found = rows.filter(spoken_of__in=near).first()
    return found
