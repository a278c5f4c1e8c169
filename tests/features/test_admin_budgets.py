"""Budgets at the desk: entered in dollars, on record, and shown with what is left of them."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.core import mail
from django.test import Client
from django.utils import timezone

from conversations.ids import uuid7
from conversations.models import AuditEntry, Budget, ProviderCall, Reservation, Spending, User
from conversations.models.budgets import Measure, Scope
from conversations.runs import budget_alarm, spending
from conversations.usage import budgets
from conversations.usage.standing import Most
from tests.features.admin_kit import TABLES, administrator, client_of, person

pytestmark = pytest.mark.django_db

PAGE = f"{TABLES}budget/"
FORM = {
    "name": "Physics",
    "scope": "site",
    "measure": "money",
    "amount": "12.5",
    "period": "month",
    "is_enabled": "on",
}


@pytest.fixture
def desk() -> Client:
    return client_of(administrator())


def errors(answer: Any) -> dict[str, list[str]]:
    return dict(answer.context["adminform"].form.errors)


def spent(who: User, micros: int) -> None:
    ProviderCall.objects.create(
        user=who, provider="openai", model="m", outcome="ok", cost_micros=micros
    )


def test_a_budget_is_entered_in_dollars_and_is_on_record(desk: Client) -> None:
    assert desk.post(f"{PAGE}add/", FORM).status_code == 302
    made = Budget.objects.get()
    assert (made.limit, made.scope) == (12_500_000, Scope.SITE)
    assert AuditEntry.objects.filter(action="budget.add", object_id=str(made.pk)).exists()
    page = desk.get(f"{PAGE}{made.pk}/change/").context["adminform"].form
    assert page.initial["amount"] == 12.5
    tokens = {**FORM, "measure": "tokens", "amount": "900"}
    assert desk.post(f"{PAGE}{made.pk}/change/", tokens).status_code == 302
    assert Budget.objects.get().limit == 900


def test_what_a_budget_was_and_is_stays_on_record_when_it_is_gone(desk: Client) -> None:
    desk.post(f"{PAGE}add/", FORM)
    made = Budget.objects.get()
    tokens = {**FORM, "measure": "tokens", "amount": "900"}
    desk.post(f"{PAGE}{made.pk}/change/", tokens)
    desk.post(f"{PAGE}{made.pk}/change/", tokens)
    desk.post(f"{PAGE}{made.pk}/delete/", {"post": "yes"})
    entries = AuditEntry.objects.filter(object_type="budget", object_id=str(made.pk))
    told = [(entry.action, entry.detail) for entry in entries.order_by("at")]
    assert [action for action, _detail in told] == [
        "budget.add", "budget.change", "budget.change", "budget.delete",
    ]  # fmt: skip
    added, changed, same, gone = [detail for _action, detail in told]
    assert added["values"]["limit"] == 12_500_000 and "group" not in added["values"]
    assert changed["changed"] == {"measure": ["money", "tokens"], "limit": [12_500_000, 900]}
    assert "changed" not in same
    assert (gone["values"]["measure"], gone["values"]["limit"]) == ("tokens", 900)


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"scope": "person"}, "user"),
        ({"scope": "group"}, "group"),
        ({"measure": "tokens", "amount": "1.5"}, "amount"),
        ({"amount": "-1"}, "amount"),
        ({"amount": "NaN"}, "amount"),
        ({"measure": "messages", "amount": "5", "purpose": "title"}, "purpose"),
        ({"model": "none such"}, "model"),
        ({"period": "year"}, "period"),
    ],
)
def test_what_makes_no_budget_is_said_at_its_field(
    desk: Client, fields: dict[str, str], wrong: str
) -> None:
    assert wrong in errors(desk.post(f"{PAGE}add/", {**FORM, **fields}))
    assert not Budget.objects.exists()


def test_lists_and_people_show_what_is_left_and_the_first_page_what_is_little(desk: Client) -> None:
    ada = person()
    Budget.objects.create(name="Site", scope=Scope.SITE, limit=10_000_000)
    Budget.objects.create(name="Each", scope=Scope.EACH, limit=10_000_000)
    budgets.reserve(budgets.Payer(ada.pk, "chat", "m"), Most(0, 0, 1), boot=None)
    spent(ada, 9_000_000)
    listed = desk.get(PAGE).content.decode()
    assert "$9.00 used, $0.00 reserved, $1.00 left" in listed
    assert "at most $9.00 used by one person" in listed
    theirs = desk.get(f"{TABLES}user/{ada.pk}/change/").content.decode()
    assert theirs.count("$9.00 used") == 2
    first = desk.get("/admin/").content.decode()
    assert "Budgets with little left" in first and "Each" not in first


def test_those_who_look_after_the_site_hear_once_that_little_is_left(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = person()
    group = Group.objects.create(name="Physics")
    group.user_set.add(ada)
    Budget.objects.create(name="Lab", scope=Scope.GROUP, group=group, limit=100)
    spent(ada, 79)
    assert budget_alarm._warned()[1] == []
    spent(ada, 1)
    [warned] = budget_alarm._warned()[1]
    assert budget_alarm._warned()[1] == []
    budget_alarm.tell(["root@example.org"], warned)
    assert mail.outbox[0].subject == "The budget “Lab” is 80 % used"


def test_what_nobody_answers_for_lapses_and_old_counters_are_forgotten() -> None:
    ada = person()
    Budget.objects.create(name="Each", scope=Scope.EACH, limit=100)
    budgets.reserve(budgets.Payer(ada.pk, "chat", "m"), Most(5, 5), boot=None, run=uuid7())
    assert spending.lapse(4) == 0  # it has only just been made
    Reservation.objects.update(at=timezone.now() - timedelta(minutes=1))
    assert spending.lapse(4) == 1
    Spending.objects.update(began=timezone.now() - timedelta(days=63))
    budget_alarm._warned()
    assert not Spending.objects.exists()


def test_only_who_may_see_budgets_does(desk: Client) -> None:
    helper = User.objects.create(username="helper", is_staff=True)
    Budget.objects.create(name="Site", scope=Scope.SITE, measure=Measure.TOKENS, limit=0)
    assert client_of(helper).get(PAGE).status_code == 403
    assert "Budgets with little left" not in client_of(helper).get("/admin/").content.decode()
