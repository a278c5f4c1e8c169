"""What a site did within some time: the numbers of the desk's first page.

It reads sums (usage/rollups.py), which are brought up to date first, and the ledger itself only for the last
24 hours, which are cut into hours. Each question goes to the shortest table that knows enough: of everybody
together, of a person's whole day or month, of their day by purpose, of a day or month by person and kind.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import Enum, auto
from itertools import chain
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Count, F, Q, QuerySet, Sum
from django.db.models.functions import TruncMonth
from django.utils import timezone

from conversations import oversight
from conversations.models import (
    CallUse,
    DailyUse,
    MonthlyUse,
    PersonDay,
    PersonMonth,
    Purpose,
    PurposeDay,
    SiteUse,
    User,
)
from conversations.models.rollups import WAITS
from conversations.usage import rollups
from conversations.usage.figures import FIRST_WAIT, PLAIN, Figures
from conversations.usage.periods import Period, Step

# Whoever spent less is found by the search in the ledger.
MOST_PEOPLE = 15
# Before somebody looks so many calls are added up: all since the last time, but on a very busy site.
NEWEST = 2_000
# To compile a statement takes longer than to answer it; sorts of a quarter's days stay in memory.
SETTINGS = "SET LOCAL jit = off; SET LOCAL work_mem = '32MB'"
# A few people's rows are looked up one by one: the other way is to read everybody's. Of a third of them that
# takes half as long, and Postgres, which takes rows that lie scattered to lie together, has to be told.
FEW = 100
OF_FEW = "; SET LOCAL random_page_cost = 1.1"
OF_MANY = "; SET LOCAL enable_nestloop = off"
# Of which somebody has one row in a slot, at most.
WHOLE = (PersonDay, PersonMonth)

Rows = QuerySet[Any]


class Need(Enum):
    """What is to be known of some rows, beside what they come to."""

    SLOT = auto()
    KIND = auto()
    PERSON = auto()


@dataclass(frozen=True, slots=True)
class Scope:
    """What is asked about. Empty: everything."""

    model: str = ""
    provider: str = ""
    purpose: str = ""
    person: UUID | None = None
    group: int | None = None
    # Those whom the reader may see; None: everybody.
    seen: QuerySet[User] | None = None

    @property
    def is_of_people(self) -> bool:
        return not (self.person is None and self.group is None and self.seen is None)

    def calls(self) -> Q:
        wanted = {"model": self.model, "provider": self.provider, "purpose": self.purpose}
        return Q(**{name: value for name, value in wanted.items() if value})

    def people(self) -> Q:
        mine = Q()
        if self.person is not None:
            mine &= Q(user=self.person)
        if self.group is not None:
            members = User.groups.through.objects.filter(group=self.group)
            mine &= Q(user__in=members.values("user"))
        if self.seen is not None:
            mine &= Q(user__in=self.seen.values("pk"))
        return mine


@dataclass(slots=True)
class Part:
    """One model, purpose, group or person of all. `key` is what it is asked for by."""

    key: Any
    name: str
    figures: Figures


@dataclass(slots=True)
class Board:
    period: Period
    now: Figures = field(default_factory=Figures)
    before: Figures = field(default_factory=Figures)
    slots: dict[date, Figures] = field(default_factory=dict)
    people: int = 0
    people_before: int = 0
    people_by_slot: dict[date, int] = field(default_factory=dict)
    models: list[Part] = field(default_factory=list)
    purposes: list[Part] = field(default_factory=list)
    groups: list[Part] = field(default_factory=list)
    persons: list[Part] = field(default_factory=list)


def board(period: Period, scope: Scope) -> Board:
    """In some sixteen statements at most, however long the period and however many the people. The caller
    holds a transaction."""
    rollups.count_some(NEWEST)
    with connection.cursor() as cursor:
        cursor.execute(SETTINGS + (OF_FEW if _is_of_few(scope) else OF_MANY))
    made = Board(period, slots={slot: Figures() for slot in period.slots})
    _over_time(made, scope)
    _kinds(made, scope)
    _people(made, scope)
    return made


def _is_of_few(scope: Scope) -> bool:
    if scope.person is not None or not scope.is_of_people:
        return scope.is_of_people
    people = User.objects.all() if scope.seen is None else scope.seen
    people = people if scope.group is None else people.filter(groups=scope.group)
    return people.order_by()[: FEW + 1].count() <= FEW


def _over_time(made: Board, scope: Scope) -> None:
    """What each slot comes to, and all of them together; and the time before."""
    for slot, *sums in _by_slot(_rows(made.period, scope, Need.SLOT), scope):
        made.now.add(sums)
        made.slots[slot].add(sums)
    for rows in _in_pieces(made.period.before, scope, Need.SLOT):
        for _slot, *sums in _by_slot(rows, scope):
            made.before.add(sums)


def _by_slot(rows: Rows, scope: Scope) -> Iterable[Sequence[Any]]:
    """With the time to the first token: SUMS, or as many of them as there are."""
    # Nobody waits for titles and the like, unless it is they that are asked about; whole days know it.
    waited = Q() if scope.purpose or rows.model in WHOLE else Q(purpose=Purpose.CHAT)
    if rows.model is CallUse:
        return chain(_by(rows, "slot"), _waits(rows.filter(waited)))
    waits = {f"sum_{name}": Sum(name, filter=waited or None, default=0) for name in WAITS}
    return _by(rows, "slot", **waits)


def _waits(calls: Rows) -> Iterator[Sequence[Any]]:
    waited = calls.filter(wait__isnull=False).values("slot", "wait").annotate(count=Count("pk"))
    for slot, step, count in waited.values_list("slot", "wait", "count"):
        yield slot, *[0] * (FIRST_WAIT + step), count


def _by(rows: Rows, *keys: str, **more: Sum) -> Rows:
    """A tuple for each place: its keys, then its sums."""
    sums = {**{f"sum_{name}": Sum(name) for name in PLAIN}, **more}
    summed: Rows = rows.values(*keys).annotate(**sums).values_list(*keys, *sums)
    return summed


def _kinds(made: Board, scope: Scope) -> None:
    """Models and purposes."""
    models: dict[str, Figures] = defaultdict(Figures.plain)
    purposes: dict[str, Figures] = defaultdict(Figures.plain)
    for rows in _in_pieces(made.period, scope, Need.KIND):
        for model, purpose, *sums in _by(rows, "model", "purpose"):
            models[model].add(sums)
            purposes[purpose].add(sums)
    made.models = ranked([Part(name, name, figures) for name, figures in models.items()])
    names = dict(Purpose.choices)
    made.purposes = ranked(
        [Part(key, str(names.get(key, key)), figures) for key, figures in purposes.items()]
    )


def _people(made: Board, scope: Scope) -> None:
    spent = _spent(made.period, scope)
    rows = _rows(made.period, scope, Need.PERSON)
    is_once = rows.model in (
        *WHOLE,
        PurposeDay,
    )  # of one purpose; to tell people apart costs a sort
    by_slot = rows.values("slot").annotate(active=Count("user", distinct=not is_once))
    made.people = len(spent)
    made.people_by_slot = dict(by_slot.values_list("slot", "active"))
    made.people_before = _active(made.period.before, scope)
    made.groups = _groups(spent, scope)
    made.persons = _persons(spent)


def _spent(period: Period, scope: Scope) -> dict[UUID | None, Figures]:
    """What each person did."""
    spent: dict[UUID | None, Figures] = defaultdict(Figures.plain)
    for rows in _in_pieces(period, scope, Need.PERSON):
        for user, *sums in _by(rows, "user"):
            spent[user].add(sums)
    return spent


def _active(period: Period, scope: Scope) -> int:
    return len(
        {
            user
            for rows in _in_pieces(period, scope, Need.PERSON)
            for user in rows.values_list("user", flat=True).distinct()
        }
    )


def _groups(spent: dict[UUID | None, Figures], scope: Scope) -> list[Part]:
    """By membership as it is now; who is in two groups counts in both."""
    sums: dict[int, Figures] = defaultdict(Figures.plain)
    for user, group in User.groups.through.objects.values_list("user", "group"):
        if user in spent:
            sums[group].add(spent[user].sums)
    names = dict(oversight.groups_in(scope.seen).values_list("pk", "name"))
    wanted = [scope.group] if scope.group else sums
    return ranked([Part(key, names.get(key, ""), sums[key]) for key in wanted if key in sums])


def _persons(spent: dict[UUID | None, Figures]) -> list[Part]:
    """Those who spent most. Of who is gone only the id is known."""
    parts = ranked([Part(user, "", figures) for user, figures in spent.items()])[:MOST_PEOPLE]
    known = User.objects.filter(pk__in=[part.key for part in parts if part.key])
    names = dict(known.values_list("pk", "username"))
    for part in parts:
        part.name = names.get(part.key, "")
    return parts


def ranked(parts: list[Part]) -> list[Part]:
    """The dearest first; what has no price by its tokens."""
    return sorted(parts, key=lambda part: (-(part.figures.cost_micros or 0), -part.figures.tokens))


# Where it is read -----------------------------------------------------------------------------------


def _in_pieces(period: Period, scope: Scope, need: Need) -> list[Rows]:
    """Days of people are long tables: those that are a whole month are read as one."""
    if _table(period.step, scope, need) not in (DailyUse, PurposeDay, PersonDay):
        return [_rows(period, scope, need)]
    return [_rows(piece, scope, need) for piece in period.pieces(timezone.now().date())]


def _rows(period: Period, scope: Scope, need: Need) -> Rows:
    """With the slot of each."""
    table = _table(period.step, scope, need)
    slot: F | TruncMonth = F("day")
    within = Q(day__gte=period.begin, day__lt=period.end)
    if table is CallUse:
        slot, within = F("hour"), Q(at__gte=period.begin, at__lt=period.end)
    elif table is SiteUse and period.step == Step.MONTH:
        slot = TruncMonth("day")
    asked = scope.calls() & scope.people() & within
    rows: Rows = table.objects.filter(asked).annotate(slot=slot).order_by()
    return rows


def _table(step: Step, scope: Scope, need: Need) -> Any:
    """The shortest that knows it."""
    if step == Step.HOUR:
        return CallUse
    if need != Need.PERSON and not scope.is_of_people:
        return SiteUse
    by_month = step == Step.MONTH
    if need == Need.KIND or scope.model or scope.provider:
        return MonthlyUse if by_month else DailyUse
    if scope.purpose:
        return MonthlyUse if by_month else PurposeDay
    return PersonMonth if by_month else PersonDay
