"""The queue: messages that were reported, rated badly or marked, what was said last coming first.

A question and nothing else: a case is open while something was said after the newest decision on it.
"""

from typing import Any, NamedTuple

from django.db.models import DateTimeField, F, Max, OuterRef, Prefetch, Q, QuerySet, Subquery
from django.db.models.functions import Greatest

from conversations import oversight
from conversations.models import Case, Conversation, Decision, Feedback, Flag, User
from conversations.models.conversation import present
from conversations.models.review import badly_spoken_of

OPEN = Q(decided_at=None) | Q(decided_at__lt=F("said_at"))
ORDER = ("-said_at", "pk")
DECIDED = Q(decided_at__gte=F("said_at"))
# A person's words are read in the transcript, on record.
WORDS = ("text", "reasoning", "tool_calls", "error_message")


# Further than that nobody wants to know how many wait: each has to be looked up.
COUNTED = 1_000


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
    spoken = Feedback.objects.filter(badly_spoken_of(), message=OuterRef("pk"))
    marked = Flag.objects.filter(message=OuterRef("pk"))
    rows = Case.objects.filter(present("conversation__")).annotate(
        said_at=Greatest(_newest(spoken, "updated_at"), _newest(marked, "at")),
        decided_at=_newest(Decision.objects.filter(message=OuterRef("pk")), "at"),
    )
    return rows.defer(*WORDS)


def _newest(rows: QuerySet[Any], column: str) -> Subquery:
    newest = rows.order_by().values("message").annotate(newest=Max(column)).values("newest")
    return Subquery(newest, output_field=DateTimeField())


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


def waiting(reader: User) -> QuerySet[Any]:
    """The open ones that `reader` may see."""
    mine = oversight.theirs(reader, "conversation__owner")
    return cases().filter(OPEN, mine).order_by(*ORDER)


def how_many_wait(reader: User) -> Waiting:
    """Counted as far as a number means anything."""
    number = waiting(reader).order_by()[: COUNTED + 1].count()
    return Waiting(number, f"{number:,}" if number <= COUNTED else f"{COUNTED:,}+")


def neighbours(reader: User, case: Any) -> Neighbours:
    """The open ones beside this, whether it is open itself or not."""
    rows = waiting(reader).exclude(pk=case.pk)
    later = Q(said_at__gt=case.said_at) | Q(said_at=case.said_at, pk__lt=case.pk)
    earlier = Q(said_at__lt=case.said_at) | Q(said_at=case.said_at, pk__gt=case.pk)
    return Neighbours(rows.filter(later).last(), rows.filter(earlier).first())
