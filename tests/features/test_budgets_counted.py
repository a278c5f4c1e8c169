"""What gets onto the ledger is counted by the budgets that it counts for, once, and by no others."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from django.contrib.auth.models import Group
from django.utils import timezone

from conversations.errors import BudgetExceeded
from conversations.ids import uuid7
from conversations.models import Budget, Reservation, Spending, User
from conversations.models.budgets import Measure, Scope
from conversations.provider.interface import Model, Prices, Report, Usage
from conversations.usage import budgets, ledger
from conversations.usage.budgets import Payer
from conversations.usage.standing import Most, Standing, begin_of, end_of

pytestmark = pytest.mark.django_db

PRICED = Model(
    "m", "m", "openai", 1000, 100, price_list=(Prices(Decimal(1), Decimal(1), Decimal(1)),)
)
BOOT = uuid7()


@dataclass
class Ticket:
    user: UUID
    run: UUID = field(default_factory=uuid7)
    conversation: UUID = field(default_factory=uuid7)


@pytest.fixture
def ada() -> User:
    return User.objects.create(username="ada")


@pytest.fixture
def ben() -> User:
    return User.objects.create(username="ben")


def budget(limit: int = 1000, **fields: Any) -> Budget:
    return Budget.objects.create(name="Mine", limit=limit, **fields)


def spend(user: User, tokens: int, at: datetime | None = None, **more: Any) -> Ticket:
    """A micro-dollar for each token."""
    ticket = Ticket(user.pk)
    report = Report(usage=Usage(tokens, 0, 0, 0))
    ledger.enter(ticket, PRICED, [ledger.Call(at or timezone.now(), 1, report, "ok")], **more)
    return ticket


def standing(user: User) -> Standing:
    [only] = budgets.standings_for(user.pk)
    return only


def reserve(user: User, micros: int, run: UUID | None = None) -> UUID | None:
    payer = Payer(user.pk, "chat", "m")
    return budgets.reserve(payer, Most(micros, micros, 1), boot=BOOT, run=run)


@pytest.mark.parametrize(
    ("measure", "used"), [(Measure.MONEY, 60), (Measure.TOKENS, 60), (Measure.MESSAGES, 2)]
)
def test_what_was_spent_before_a_budget_was_made_counts(
    ada: User, measure: Measure, used: int
) -> None:
    spend(ada, 20)
    budget(measure=measure)
    assert reserve(ada, 0) is not None
    spend(ada, 40)
    assert standing(ada).used == used


def test_a_settlement_that_is_repeated_counts_once(ada: User) -> None:
    budget()
    reserve(ada, 10)
    ticket, call = Ticket(ada.pk), ledger.Call(timezone.now(), 1, Report(usage=Usage(7, 0, 0, 0)))
    for _ in range(2):
        ledger.enter(ticket, PRICED, [call])
    assert standing(ada).used == Spending.objects.get().used == 7


def test_each_has_a_counter_of_their_own(ada: User, ben: User) -> None:
    budget(scope=Scope.EACH)
    spend(ada, 30)
    spend(ben, 5)
    assert (standing(ada).used, standing(ben).used) == (30, 5)


def test_a_group_counts_its_members_together_and_nobody_else(ada: User, ben: User) -> None:
    group = Group.objects.create(name="Physics")
    group.user_set.add(ada)
    budget(scope=Scope.GROUP, group=group)
    spend(ada, 30)
    spend(ben, 5)
    assert budgets.standings_for(ben.pk) == []
    group.user_set.add(ben)
    spend(ben, 7)
    assert standing(ada).used == standing(ben).used == 37


def test_members_of_a_group_have_one_each(ada: User, ben: User) -> None:
    group = Group.objects.create(name="Physics")
    group.user_set.add(ada, ben)
    budget(scope=Scope.MEMBER, group=group)
    spend(ada, 30)
    assert (standing(ada).used, standing(ben).used) == (30, 0)


def test_of_one_person_only_theirs_counts(ada: User, ben: User) -> None:
    budget(scope=Scope.PERSON, user=ada)
    spend(ben, 5)
    assert standing(ada).used == 0
    assert budgets.standings_for(ben.pk) == []


@pytest.mark.parametrize(("fields", "used"), [
    ({"model": "m"}, 3), ({"model": "another"}, 0), ({"purpose": "chat"}, 3), ({"purpose": "title"}, 0)
])  # fmt: skip
def test_of_a_model_or_a_purpose_only_that_counts(
    ada: User, fields: dict[str, Any], used: int
) -> None:
    budget(**fields)
    spend(ada, 3)
    assert standing(ada).used == used


def test_a_late_row_counts_in_the_period_of_its_call(ada: User) -> None:
    budget(period="day")
    spend(ada, 5, at=timezone.now() - timedelta(days=1))
    assert standing(ada).used == 0
    assert Spending.objects.get().used == 5


def test_what_a_budget_says_now_is_counted_anew(ada: User) -> None:
    mine = budget(measure=Measure.TOKENS, purpose="title")
    spend(ada, 5)
    mine.purpose, mine.measure = "", Measure.MESSAGES
    mine.save()
    assert standing(ada).used == 1


def test_one_that_was_not_in_force_has_missed_nothing(ada: User) -> None:
    mine = budget()
    spend(ada, 5)
    mine.is_enabled = False
    mine.save()
    spend(ada, 6)
    assert budgets.standings_for(ada.pk) == []
    mine.is_enabled = True
    mine.save()
    assert standing(ada).used == 11


def test_nothing_is_begun_that_could_pass_the_limit(ada: User) -> None:
    budget(limit=100)
    spend(ada, 40)
    reserve(ada, 60)
    with pytest.raises(BudgetExceeded) as refused:
        reserve(ada, 1)
    now = standing(ada)
    assert (now.used, now.reserved, now.left) == (40, 60, 0)
    assert 0 < (refused.value.retry_after or 0) <= 31 * 86_400
    assert "is used up. It renews in" in str(refused.value)


def test_the_last_cent_can_be_spent_and_what_is_free_costs_nothing(ada: User) -> None:
    budget(limit=100)
    spend(ada, 99)
    reserve(ada, 1)
    reserve(ada, 0)  # a model without a price
    assert Reservation.objects.count() == 2


def test_the_tightest_counts_and_says_when_all_have_room_again(ada: User) -> None:
    budget(limit=10_000, period="hour")
    budget(limit=10, period="day")
    budget(limit=5, period="month")
    with pytest.raises(BudgetExceeded) as refused:
        reserve(ada, 50)
    now = timezone.now()
    wait = end_of("month", begin_of("month", now)) - now
    assert abs((refused.value.retry_after or 0) - wait.total_seconds()) < 60


def test_what_was_reserved_is_raised_only_as_far_as_there_is_room(ada: User) -> None:
    budget(limit=100)
    run = uuid7()
    reserve(ada, 40, run)
    assert budgets.cover(run, BOOT, Most(90, 90)) == Most(90, 90, 1)
    with pytest.raises(BudgetExceeded):
        budgets.cover(run, BOOT, Most(101, 0))
    budgets.lessen(run, Most(20, 20))
    assert standing(ada).reserved == 20
    budgets.settle(runs=[run])
    assert standing(ada).reserved == 0


@pytest.mark.parametrize(("period", "began", "ends"), [
    ("hour", datetime(2026, 3, 29, 1, tzinfo=UTC), datetime(2026, 3, 29, 2, tzinfo=UTC)),
    ("day", datetime(2026, 3, 29, tzinfo=UTC), datetime(2026, 3, 30, tzinfo=UTC)),
    ("week", datetime(2026, 3, 23, tzinfo=UTC), datetime(2026, 3, 30, tzinfo=UTC)),
    ("month", datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC)),
])  # fmt: skip
def test_a_period_ends_where_the_next_one_begins(
    period: str, began: datetime, ends: datetime
) -> None:
    moment = datetime(2026, 3, 29, 1, 30, tzinfo=UTC)  # a Sunday on which clocks are put forward
    assert (begin_of(period, moment), end_of(period, began)) == (began, ends)
