"""Whatever happens in whichever order: what a budget says is what the ledger says, and nothing is begun that
it has no room for. Against a budget that is counted on paper.

A few stories in `make test`; `make budgets` tells many.
"""

import os
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, NoReturn
from uuid import UUID

import pytest
from django.contrib.auth.models import Group
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conversations.errors import BudgetExceeded
from conversations.ids import uuid7
from conversations.models import Budget, ProviderCall, User
from conversations.models.budgets import Measure, Scope
from conversations.models.usage import Purpose
from conversations.provider.interface import Report, Usage
from conversations.runs.start import Ticket
from conversations.usage import budgets, corrections, ledger
from conversations.usage.budgets import Payer
from conversations.usage.standing import Most
from tests.features.test_budgets_counted import BOOT, PRICED

pytestmark = pytest.mark.django_db

STORIES = 300 if os.environ.get("BUDGETS") else 10
PEOPLE = st.integers(0, 2)
LIMITS = st.integers(0, 120)
# What happens, to whom, and how much of it.
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["ask", "ask", "ask", "end", "end", "again", "correct", "limit", "lessen"]),
        PEOPLE,
        st.integers(0, 70),
    ),
    max_size=14,
)


class Undone(Exception):
    """At the end of a story."""


@dataclass
class Paper:
    """One budget: whom it counts, by what, and all that was said of it."""

    row: Budget
    people: set[int]
    together: bool
    used: dict[int, int] = field(default_factory=dict)
    held: dict[int, dict[UUID, int]] = field(default_factory=dict)

    def whose(self, person: int) -> int:
        return -1 if self.together else person

    def amount(self, tokens: int) -> int:
        return 1 if self.row.measure == Measure.MESSAGES else tokens

    def state(self, person: int) -> tuple[int, int]:
        held = self.held.get(self.whose(person), {})
        return self.used.get(self.whose(person), 0), sum(held.values())

    def has_room(self, person: int, tokens: int) -> bool:
        wanted = self.amount(tokens)
        return not wanted or sum(self.state(person)) + wanted <= self.row.limit


class Story:
    def __init__(self, limits: list[int]) -> None:
        self.people = [User.objects.create(username=f"one-{number}") for number in range(3)]
        group = Group.objects.create(name="Two of them")
        group.user_set.add(*self.people[:2])
        of_all, of_two = {0, 1, 2}, {0, 1}
        self.budgets = [
            self._paper(limits[0], of_all, Measure.TOKENS, scope=Scope.EACH),
            self._paper(limits[1], of_two, Measure.MONEY, scope=Scope.GROUP, group=group),
            self._paper(limits[2] // 20, of_all, Measure.MESSAGES, scope=Scope.SITE),
            self._paper(limits[3], {2}, Measure.MONEY, scope=Scope.PERSON, user=self.people[2]),
        ]
        self.under_way: list[tuple[int, UUID, int]] = []
        self.ended: list[tuple[Ticket, ledger.Call]] = []

    def _paper(self, limit: int, people: set[int], measure: Measure, **fields: Any) -> Paper:
        row = Budget.objects.create(name="Ours", limit=limit, measure=measure, **fields)
        return Paper(row, people, together=row.scope in (Scope.SITE, Scope.GROUP))

    def of(self, person: int) -> list[Paper]:
        return [paper for paper in self.budgets if person in paper.people]

    def ask(self, person: int, most: int) -> None:
        run = uuid7()
        fits = all(paper.has_room(person, most) for paper in self.of(person))
        payer = Payer(self.people[person].pk, Purpose.CHAT, "m")
        try:
            with transaction.atomic():
                budgets.reserve(payer, Most(most, most, 1), boot=BOOT, run=run)
        except BudgetExceeded:
            assert not fits
            return
        assert fits
        self.under_way.append((person, run, most))
        for paper in self.of(person):
            paper.held.setdefault(paper.whose(person), {})[run] = paper.amount(most)

    def end(self, _: int, part: int) -> None:
        """It took all that was held for it, or less."""
        if not self.under_way:
            return
        person, run, most = self.under_way.pop(part % len(self.under_way))
        took = min(most, part)
        ticket = Ticket(run, uuid7(), uuid7(), self.people[person].pk, "m")
        call = ledger.Call(timezone.now(), 1, Report(usage=Usage(took, 0, 0, 0)), "ok")
        budgets.settle(runs=[run])
        ledger.enter(ticket, PRICED, [call])
        self.ended.append((ticket, call))
        for paper in self.of(person):
            whose = paper.whose(person)
            del paper.held[whose][run]
            paper.used[whose] = paper.used.get(whose, 0) + paper.amount(took)

    def again(self, *_: int) -> None:
        """Nobody knew whether the commit had arrived."""
        for ticket, call in self.ended[-1:]:
            ledger.enter(ticket, PRICED, [call])

    def correct(self, _: int, right: int) -> None:
        for ticket, _call in self.ended[-1:]:
            row = ProviderCall.objects.get(run=ticket.run, attempt=1)
            before = corrections.standing(row)["cost_micros"] or 0
            corrections.correct(row, {"input_tokens": right, "cost_micros": right}, "wrong")
            person = [one.pk for one in self.people].index(ticket.user)
            for paper in self.of(person):
                if paper.row.measure != Measure.MESSAGES:
                    paper.used[paper.whose(person)] += right - before

    def limit(self, which: int, limit: int) -> None:
        """The counters are made anew from the ledger."""
        row = self.budgets[which].row
        row.limit = limit
        row.save()

    def lessen(self, _: int, most: int) -> None:
        """The prompt of the newest has been counted."""
        for person, run, held in self.under_way[-1:]:
            budgets.lessen(run, Most(min(most, held), min(most, held)))
            self.under_way[-1] = (person, run, min(most, held))
            for paper in self.of(person):
                paper.held[paper.whose(person)][run] = paper.amount(min(most, held))

    def adds_up(self) -> None:
        for number, person in enumerate(self.people):
            found = {one.id: (one.used, one.reserved) for one in budgets.standings_for(person.pk)}
            assert found == {paper.row.pk: paper.state(number) for paper in self.of(number)}


@settings(
    max_examples=STORIES,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(st.lists(LIMITS, min_size=4, max_size=4), STEPS)
def test_every_story_adds_up(limits: list[int], steps: list[tuple[str, int, int]]) -> None:
    with suppress(Undone):
        _told(limits, steps)


@transaction.atomic
def _told(limits: list[int], steps: list[tuple[str, int, int]]) -> NoReturn:
    story = Story(limits)
    for what, who, amount in steps:
        getattr(story, what)(who, amount)
        story.adds_up()
    raise Undone
