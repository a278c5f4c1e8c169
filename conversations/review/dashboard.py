"""What a site did within some time: the numbers of the desk's first page.

It reads sums (usage/rollups.py), which are brought up to date first, and the ledger itself only for the last
24 hours, which are cut into hours. Each question goes to the shortest table that knows enough: of everybody
together, of a month and person, of a day and person.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from django.contrib.auth.models import Group
from django.db import connection
from django.db.models import Count, F, Q, QuerySet, Sum
from django.db.models.functions import TruncMonth

from conversations.models import (
    CallUse,
    DailyUse,
    MonthlyUse,
    Purpose,
    SiteUse,
    User,
)
from conversations.models.rollups import SUMS
from conversations.usage import rollups
from conversations.usage.figures import PLAIN, Figures
from conversations.usage.periods import Period, Step

# Whoever spent less is found by the search in the ledger.
MOST_PEOPLE = 15
# Before somebody looks so many calls are added up: all since the last time, but on a very busy site.
NEWEST = 2_000
# To compile a statement takes longer than to answer it; sorts of a quarter's days stay in memory.
SETTINGS = "SET LOCAL jit = off; SET LOCAL work_mem = '32MB'"
# A few people's rows are looked up one by one: the other way is to read everybody's. Of a third of them that
# takes half as long.
FEW = 100
OF_FEW = "; SET LOCAL random_page_cost = 1.1"

Rows = QuerySet[Any]


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
    """In thirteen statements at most, however long the period and however many the people. The caller
    holds a transaction."""
    rollups.count_some(NEWEST)
    with connection.cursor() as cursor:
        cursor.execute(SETTINGS + (OF_FEW if _is_of_few(scope) else ""))
    made = Board(period, slots={slot: Figures() for slot in period.slots})
    _sum_up(made, scope)
    _people(made, scope)
    return made


def _is_of_few(scope: Scope) -> bool:
    if scope.person is not None or not scope.is_of_people:
        return scope.is_of_people
    people = User.objects.all() if scope.seen is None else scope.seen
    people = people if scope.group is None else people.filter(groups=scope.group)
    return people.order_by()[: FEW + 1].count() <= FEW


def _sum_up(made: Board, scope: Scope) -> None:
    """All that can be said without knowing who, from one row a slot, model and purpose."""
    models: dict[str, Figures] = defaultdict(Figures)
    purposes: dict[str, Figures] = defaultdict(Figures)
    for slot, model, purpose, *sums in _cells(made.period, scope):
        if not scope.purpose and purpose != Purpose.CHAT:
            sums[len(PLAIN) :] = [0] * (len(SUMS) - len(PLAIN))  # nobody waits for the others
        if slot < made.period.begin:
            made.before.add(sums)
            continue
        for figures in (made.now, made.slots[slot], models[model], purposes[purpose]):
            figures.add(sums)
    made.models = ranked([Part(name, name, figures) for name, figures in models.items()])
    names = dict(Purpose.choices)
    made.purposes = ranked(
        [Part(key, str(names.get(key, key)), figures) for key, figures in purposes.items()]
    )


def _cells(period: Period, scope: Scope) -> Any:
    rows = _rows(period, Period(period.step, period.before.begin, period.end), scope)
    sums = {f"sum_{name}": Sum(name) for name in SUMS}
    return rows.values("slot", "model", "purpose").annotate(**sums).values_list(
        "slot", "model", "purpose", *sums
    )  # fmt: skip


def _rows(period: Period, within: Period, scope: Scope) -> Rows:
    """The sums to ask, with the slot of each."""
    if scope.is_of_people or period.step == Step.HOUR:
        return _rows_of_people(within, scope)
    slot = TruncMonth("day") if period.step == Step.MONTH else F("day")
    return SiteUse.objects.filter(scope.calls(), _days(within)).annotate(slot=slot).order_by()


def _rows_of_people(within: Period, scope: Scope) -> Rows:
    asked = scope.calls() & scope.people()
    if within.step == Step.HOUR:
        calls = CallUse.objects.filter(asked, at__gte=within.begin, at__lt=within.end)
        return calls.annotate(slot=F("hour")).order_by()
    table = MonthlyUse if within.step == Step.MONTH else DailyUse
    return table.objects.filter(asked, _days(within)).annotate(slot=F("day")).order_by()


def _days(period: Period) -> Q:
    return Q(day__gte=period.begin, day__lt=period.end)


def _people(made: Board, scope: Scope) -> None:
    spent = _spent(made.period, scope)
    rows = _rows_of_people(made.period, scope)
    by_slot = rows.values("slot").annotate(active=Count("user", distinct=True))
    made.people = len(spent)
    made.people_by_slot = dict(by_slot.values_list("slot", "active"))
    made.people_before = _active(made.period.before, scope)
    made.groups = _groups(spent, scope)
    made.persons = _persons(spent)


def _spent(period: Period, scope: Scope) -> dict[UUID | None, Figures]:
    """What each person did. Of days, those that are a whole month are read as one."""
    spent: dict[UUID | None, Figures] = {}
    for rows in _month_by_month(period, scope):
        sums = {f"sum_{name}": Sum(name) for name in PLAIN}
        for user, *values in rows.values("user").annotate(**sums).values_list("user", *sums):
            spent.setdefault(user, Figures.plain()).add(values)
    return spent


def _month_by_month(period: Period, scope: Scope) -> list[Rows]:
    whole = period.whole_months
    if whole is None:
        return [_rows_of_people(period, scope)]
    days = _rows_of_people(period, scope).exclude(_days(whole))
    return [_rows_of_people(whole, scope), days]


def _active(period: Period, scope: Scope) -> int:
    return len(
        {
            user
            for rows in _month_by_month(period, scope)
            for user in rows.values_list("user", flat=True).distinct()
        }
    )


def _groups(spent: dict[UUID | None, Figures], scope: Scope) -> list[Part]:
    """By membership as it is now; who is in two groups counts in both."""
    sums: dict[int, Figures] = defaultdict(Figures.plain)
    for user, group in User.groups.through.objects.values_list("user", "group"):
        if user in spent:
            sums[group].add(spent[user].sums)
    names = dict(groups_seen(scope).values_list("pk", "name"))
    wanted = [scope.group] if scope.group else sums
    return ranked([Part(key, names.get(key, ""), sums[key]) for key in wanted if key in sums])


def groups_seen(scope: Scope) -> QuerySet[Group]:
    """Those of whom somebody is seen: what others are called is not for everybody."""
    if scope.seen is None:
        return Group.objects.all()
    return Group.objects.filter(user__in=scope.seen.values("pk")).distinct()


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
