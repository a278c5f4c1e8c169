"""The numbers at the top of the desk: right, only those the reader may see, and few statements for many."""

import re
from datetime import UTC, datetime, timedelta
from html import unescape
from http import HTTPStatus
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from conversations.ids import uuid7
from conversations.models import Oversight, ProviderCall, User
from conversations.review import dashboard
from conversations.review.dashboard import Board, Scope, board
from conversations.usage import periods
from conversations.usage.periods import Period, Step
from tests.features.admin_kit import client_of

pytestmark = pytest.mark.django_db

NOW = timezone.now
PAGE = "/admin/"


def called(user: User, ago: timedelta = timedelta(), **other: Any) -> None:
    values: dict[str, Any] = {
        "provider": "openai", "model": "gpt-4.1", "outcome": "ok", "input_tokens": 1000,
        "output_tokens": 10, "cost_micros": 20_000, "first_token_seconds": 0.5, **other,
    }  # fmt: skip
    ProviderCall.objects.create(user=user, run=uuid7(), at=NOW() - ago, **values)


@pytest.fixture
def ben() -> User:
    return User.objects.create(username="ben")


@pytest.fixture
def used(owner: User, ben: User) -> Group:
    """Two people, one of them in a group; today, yesterday, and a good month ago."""
    called(owner)
    called(owner, model="o3", cost_micros=90_000, outcome="provider_error")
    called(ben, timedelta(days=1), purpose="title", first_token_seconds=60.0)
    called(ben, timedelta(days=35))
    group = Group.objects.create(name="9b")
    owner.groups.add(group)
    return group


def of(name: str = "30d", **scope: Any) -> Board:
    return board(periods.named(name, NOW()), Scope(**scope))


def names(parts: list[Any]) -> list[str]:
    return [part.name for part in parts]


def test_the_numbers_are_those_of_the_ledger(used: Group) -> None:
    made = of()
    assert (made.now["cost_micros"], made.now.tokens, made.now["questions"]) == (130_000, 3030, 2)
    assert (made.before["cost_micros"], made.people, made.people_before) == (20_000, 2, 1)
    assert made.now.error_rate == 1 / 3
    assert names(made.models) == ["o3", "gpt-4.1"] and names(made.purposes) == ["answer", "title"]
    assert names(made.persons) == ["ada", "ben"] and names(made.groups) == ["9b"]
    assert made.groups[0].figures["cost_micros"] == 110_000
    assert sum(figures["calls"] for figures in made.slots.values()) == 3
    assert made.people_by_slot == {NOW().date(): 1, NOW().date() - timedelta(1): 1}
    answers = of(purpose="chat")  # of two models, and of one person
    assert answers.people_by_slot == {NOW().date(): 1} and answers.people == 1


def test_nobody_waits_for_a_title(used: Group) -> None:
    for name in periods.NAMES:  # the title was of yesterday's
        for scope in ({}, {"group": used.pk}, {"model": "gpt-4.1"}):
            assert 0.4 < (of(name, **scope).now.wait(95) or 0) < 0.6
    assert (of(purpose="title").now.wait(50) or 0) >= 60
    assert (of("24h", purpose="title").before.wait(50) or 0) >= 60


@pytest.mark.parametrize("name", periods.NAMES)
def test_all_ranges_know_the_newest_call(name: str, used: Group, owner: User) -> None:
    for scope in ({}, {"person": owner.pk}, {"group": used.pk}):
        made = of(name, **scope)
        assert made.now["cost_micros"] >= 110_000 and made.people >= 1
        assert made.slots[made.period.slots[-1]]["calls"] >= 2
        assert sum(made.people_by_slot.values()) >= 1


@pytest.mark.parametrize(
    ("scope", "cost"),
    [({"model": "o3"}, 90_000), ({"purpose": "title"}, 20_000), ({"provider": "other"}, 0)],
)
def test_they_can_be_narrowed(scope: dict[str, str], cost: int, used: Group) -> None:
    assert of(**scope).now["cost_micros"] == cost


def test_a_quarter_is_read_by_whole_months_and_the_days_around_them(ben: User) -> None:
    for day in range(100):
        called(ben, timedelta(days=day))
    for first, last in ((3, 92), (0, 60), (40, 45)):
        begin, end = (NOW().date() - timedelta(days=days) for days in (last, first - 1))
        made = board(Period(Step.DAY, begin, end), Scope())
        days = last - first + 1
        assert made.now["calls"] == days
        assert [part.figures["calls"] for part in made.persons] == [days]
        assert made.people == made.people_before == 1
        narrowed = board(Period(Step.DAY, begin, end), Scope(person=ben.pk, model="gpt-4.1"))
        assert made.before["calls"] == narrowed.before["calls"] == min(days, 99 - last)
        for scope in (
            Scope(person=ben.pk),
            Scope(person=ben.pk, model="gpt-4.1"),
            Scope(person=ben.pk, purpose="chat"),
        ):
            theirs = board(Period(Step.DAY, begin, end), scope)
            assert [part.figures["calls"] for part in theirs.models] == [days]
            assert (theirs.now["calls"], len(theirs.people_by_slot)) == (days, days)


def test_days_by_kind_are_read_only_where_kinds_of_some_people_are_asked_for(used: Group) -> None:
    """Ten million calls are four million of those rows, and a tenth of that of whole days."""
    for scope, tables in (
        ({}, {"siteuse", "personday", "personmonth"}),
        ({"model": "o3"}, {"siteuse", "monthlyuse", "dailyuse"}),
        ({"purpose": "title"}, {"siteuse", "monthlyuse", "purposeday"}),
        ({"group": used.pk}, {"personday", "personmonth", "monthlyuse", "dailyuse"}),
    ):
        with CaptureQueriesContext(connection) as statements:
            of("90d", **scope)
        asked = [str(one["sql"]) for one in statements if str(one["sql"]).startswith("SELECT")]
        assert tables == {
            name
            for name in ("siteuse", "monthlyuse", "dailyuse", "personday", "personmonth", "purposeday")
            if any(f'"conversations_{name}"' in sql for sql in asked)
        }  # fmt: skip


def test_people_are_looked_up_one_by_one_only_where_they_are_few(
    used: Group, owner: User, ben: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    both = User.objects.filter(pk__in=[owner.pk, ben.pk])
    monkeypatch.setattr(dashboard, "FEW", 1)
    assert _is_one_by_one(person=ben.pk) and _is_one_by_one(group=used.pk)
    assert _is_one_by_one(seen=both, group=used.pk)
    assert not _is_one_by_one(seen=both) and not _is_one_by_one()
    ben.groups.add(used)
    assert not _is_one_by_one(group=used.pk)


def _is_one_by_one(**scope: Any) -> bool:
    with CaptureQueriesContext(connection) as statements:
        of(**scope)
    return any("random_page_cost" in str(one["sql"]) for one in statements)


def test_a_reviewer_of_some_reads_the_numbers_of_those(used: Group, rita: User) -> None:
    Oversight.objects.create(reviewers=rita.groups.get(), people=used)
    page = client_of(rita).get(PAGE).content.decode()
    assert "$0.11" in page and ">ada<" in page and ">ben<" not in page
    assert "under way" not in page  # that is of everybody
    theirs = client_of(rita).get("/admin/numbers.csv?by=person").content.decode()
    assert "ada" in theirs and "ben" not in theirs
    ben = User.objects.get(username="ben")
    narrowed = client_of(rita).get(f"{PAGE}?person={ben.pk}").content.decode()
    assert ">ben" not in narrowed and "$0.02" not in narrowed


def test_who_may_not_read_the_rows_reads_no_numbers(used: Group) -> None:
    mia = User.objects.create(username="mia", is_staff=True)
    assert "desk-numbers" not in client_of(mia).get(PAGE).content.decode()
    assert client_of(mia).get("/admin/numbers.csv").status_code == HTTPStatus.FORBIDDEN


def test_each_link_of_the_page_leads_somewhere(used: Group, root: User) -> None:
    client = client_of(root)
    for range in ("12m", "7d"):
        page = client.get(f"{PAGE}?range={range}").content.decode()
        links = {unescape(link) for link in re.findall(r'<a[^>]* href="([^"]+)"', page)}
        ours = {
            link for link in links if link.startswith("?") or "at__gte" in link or "csv" in link
        }
        assert len(ours) > 15
        for link in ours:
            answer = client.get(PAGE + link if link.startswith("?") else link)
            assert answer.status_code == HTTPStatus.OK, link


def test_a_model_leads_to_its_calls(used: Group, root: User) -> None:
    page = client_of(root).get(f"{PAGE}?model=o3").content.decode()
    calls = re.search(r'href="([^"]+)">The calls<', page)
    assert calls
    rows = client_of(root).get(unescape(calls[1])).content.decode()
    assert "1 call to a provider" in rows or rows.count("field-when") == 1


def test_a_purpose_leads_to_its_calls(used: Group, root: User) -> None:
    """From its row, and from the page that is narrowed to it."""
    client, titles = client_of(root), "purpose__exact=title"
    ways = re.findall(r'href="([^"]+)"', client.get(PAGE).content.decode())
    row = next(unescape(way) for way in ways if titles in way)
    assert client.get(row).content.decode().count("field-purpose") == 1
    assert titles in client.get(f"{PAGE}?purpose=title").content.decode()


def test_plots_are_drawn_for_those_who_see_and_for_those_who_do_not(
    used: Group, root: User
) -> None:
    page = client_of(root).get(PAGE).content.decode()
    plots = re.findall(r'<svg class="plot".*?</svg>', page, re.DOTALL)
    assert len(plots) == 6
    for drawn in plots:
        assert 'role="group"' in drawn and "<title id=" in drawn and "<desc id=" in drawn
        assert drawn.count('class="plot-bar"') == 30
    assert page.count("As a table") == 6
    assert "style=" not in page.split("desk-numbers", 1)[1].split('id="content-main"')[0]


def test_what_is_asked_for_badly_is_refused(root: User) -> None:
    client = client_of(root)
    for query in (
        "range=century", "person=7", "person=%F0%9F%A6%89", "group=one", "group=%D9%A1",
        "model=" + "x" * 101, "range=30d&purpose=%00",
    ):  # fmt: skip
        assert client.get(f"{PAGE}?{query}").status_code == HTTPStatus.BAD_REQUEST, query
    assert client.get("/admin/numbers.csv?by=colour").status_code == HTTPStatus.NOT_FOUND
    assert client.get(f"{PAGE}?group=99999999999").status_code == HTTPStatus.OK
    assert client.get(f"{PAGE}?model=%ED%A0%80").status_code == HTTPStatus.OK
    for days in ("from=2026-02-30&to=2026-03-01", "from=2026-03-01&to=2026-02-01", "to=2026-01-01",
                 "from=0001-01-01&to=9999-12-31"):  # fmt: skip
        page = client.get(f"{PAGE}?range=own&{days}").content.decode()
        assert "Give two days, the earlier one first." in page, days


def test_days_of_ones_own_are_shown(used: Group, root: User) -> None:
    yesterday = (datetime.now(UTC) - timedelta(1)).date().isoformat()
    page = client_of(root).get(f"{PAGE}?range=own&from={yesterday}&to={yesterday}")
    assert '<p class="desk-total">$0.02</p>' in page.content.decode()


def test_a_name_does_not_become_a_formula(root: User) -> None:
    evil = User.objects.create(username='=HYPERLINK("http://x.example")')
    called(evil, model="@SUM(A1)")
    people = client_of(root).get("/admin/numbers.csv?by=person").content.decode("utf-8-sig")
    assert "\"'=HYPERLINK(" in people
    models = client_of(root).get("/admin/numbers.csv?by=model").content.decode("utf-8-sig")
    assert models.splitlines()[1].startswith("'@SUM(A1),'@SUM(A1),0.020000,1000,")
    days = client_of(root).get("/admin/numbers.csv?range=7d").content.decode("utf-8-sig")
    assert len(days.splitlines()) == 8


def test_many_people_and_days_take_no_more_statements(root: User, owner: User) -> None:
    client = client_of(root)

    def asked() -> int:
        with CaptureQueriesContext(connection) as statements:
            assert client.get(f"{PAGE}?range=90d").status_code == HTTPStatus.OK
        return len(statements)

    called(owner)
    asked()
    few = asked()
    for number in range(20):
        one = User.objects.create(username=f"p{number}")
        one.groups.add(Group.objects.create(name=f"g{number}"))
        for model in ("a", "b"):
            called(one, timedelta(days=4 * number), model=model)
    asked()
    assert asked() == few <= 28
