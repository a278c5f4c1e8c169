"""What somebody has used: their own and nobody else's, to the token, with money only where it is shown."""

import re
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from conversations import site
from conversations.ids import uuid7
from conversations.models import Budget, Conversation, Message, ProviderCall, SiteSettings, User
from conversations.reading.objects import message_object
from conversations.usage import budgets, reports, rollups
from tests.features.admin_kit import client_of

pytestmark = pytest.mark.django_db

PAGE = "/usage/"


@pytest.fixture(autouse=True)
def _nothing_known() -> Any:
    site.row.forget()
    yield
    site.row.forget()


def called(user: User, at: datetime, **other: Any) -> None:
    values: dict[str, Any] = {
        "provider": "openai", "model": "gpt-4.1", "outcome": "ok", "input_tokens": 1000,
        "cached_input_tokens": 10, "output_tokens": 34, "cost_micros": 1_250_000, **other,
    }  # fmt: skip
    ProviderCall.objects.create(user=user, run=uuid7(), at=at, **values)


def hide_money() -> None:
    SiteSettings.objects.update_or_create(defaults={"shows_costs": False})
    site.row.forget()


def shown(user: User, query: str = "") -> str:
    """What a person reads: a script has dollars of its own."""
    page = client_of(user).get(PAGE + query).content.decode()
    return re.sub(r"<script.*?</script>", "", page, flags=re.DOTALL)


def test_somebody_sees_what_they_used_and_nobody_elses(owner: User, root: User) -> None:
    now = datetime.now(UTC)
    called(owner, now)
    called(owner, now, model="o3", purpose="title")
    called(root, now, model="secret", cost_micros=99_000_000)
    page = shown(owner)
    assert "$2.50" in page and "2,068" in page and "GPT-4.1" in page and ">o3<" in page
    assert "secret" not in page and "$99" not in page
    table = client_of(owner).get("/usage/table.csv").content.decode("utf-8-sig")
    assert "model,o3,0,1000,10,34,0,1.250000" in table and "secret" not in table


def test_a_month_stands_beside_the_one_before(owner: User) -> None:
    called(owner, datetime(2026, 3, 1, tzinfo=UTC))
    called(owner, datetime(2026, 3, 31, 23, 59, 59, tzinfo=UTC))
    called(owner, datetime(2026, 2, 28, 23, 59, 59, tzinfo=UTC), cost_micros=500_000)
    rollups.count_again()
    page = shown(owner, "?month=2026-03")
    assert "$2.50" in page and "February 2026: $0.50" in page
    assert 'href="?month=2026-02"' in page and 'href="?month=2026-04"' in page
    assert page.count('class="plot-bar"') == 31


@pytest.mark.parametrize(
    "month", ["2026-13", "x", "2999-01", "0001-01", "2026-03-01", "\u0662026-01"]
)
def test_a_month_that_is_none_is_not_found(month: str, owner: User) -> None:
    assert client_of(owner).get(PAGE, {"month": month}).status_code == HTTPStatus.NOT_FOUND


def test_what_is_left_and_when_it_renews_is_told(owner: User) -> None:
    Budget.objects.create(
        name="Pocket money",
        scope="person",
        measure="money",
        period="month",
        limit=5_000_000,
        user=owner,
    )
    budgets.in_force.forget()
    try:
        called(owner, datetime.now(UTC))
        page = shown(owner)
        assert "Pocket money" in page and "$3.75 of $5.00 left" in page and "Renews on" in page
        hide_money()
        assert "Pocket money" in shown(owner) and "$" not in shown(owner)
    finally:
        budgets.in_force.forget()


def test_money_that_is_kept_to_the_desk_is_nowhere_else(owner: User, root: User) -> None:
    called(owner, datetime.now(UTC))
    talk = Conversation.objects.create(owner=owner)
    answer = Message.objects.create(
        conversation=talk, role="assistant", status="complete", text="So.", cost_micros=1_250_000
    )

    def told() -> list[Any]:
        return [message_object(answer)["cost"], reports.used(owner, "day")[0]["cost"]]

    assert told() == ["1.250000", "1.250000"]
    hide_money()
    assert told() == [None, None]
    page, table = shown(owner), client_of(owner).get("/usage/table.csv").content.decode()
    assert "$" not in page and "Cost" not in page and "1.25" not in table
    assert "$1.25" in client_of(root).get("/admin/").content.decode()


MOMENTS = [datetime(2026, 3, day, hour, tzinfo=UTC) for day in (1, 2, 3, 4) for hour in (0, 7, 23)]


@pytest.mark.parametrize("begin", [None, MOMENTS[0], MOMENTS[1], MOMENTS[3], MOMENTS[8]])
@pytest.mark.parametrize("end", [None, MOMENTS[2], MOMENTS[6], MOMENTS[10]])
@pytest.mark.parametrize("counted", [False, True])
def test_any_range_of_time_is_exact(
    begin: datetime | None, end: datetime | None, counted: bool, owner: User
) -> None:
    for number, at in enumerate(MOMENTS):
        called(owner, at, input_tokens=2**number)
    if counted:
        rollups.count_some(7)
    begin, end = (moment and moment.astimezone() for moment in (begin, end))
    within = [
        2**number
        for number, at in enumerate(MOMENTS)
        if (begin is None or at >= begin) and (end is None or at < end)
    ]
    for group in reports.GROUPS:
        rows = reports.used(owner, group, begin, end)
        assert sum(row["input_tokens"] for row in rows) == sum(within)
        assert sum(row["requests"] for row in rows) == len(within)


def test_within_one_day_and_backwards(owner: User) -> None:
    called(owner, MOMENTS[1])
    six, eight = (MOMENTS[1] + timedelta(hours=hours) for hours in (-1, 1))
    assert reports.used(owner, "model", six, eight)[0]["requests"] == 1
    assert reports.used(owner, "model", eight, six) == []
    assert reports.used(owner, "day", MOMENTS[9], MOMENTS[0]) == []


def test_a_year_takes_no_more_statements_than_a_day(owner: User) -> None:
    client = client_of(owner)

    def asked() -> int:
        with CaptureQueriesContext(connection) as statements:
            assert client.get(PAGE).status_code == HTTPStatus.OK
        return len(statements)

    called(owner, datetime.now(UTC))
    asked()
    few = asked()
    for day in range(60):
        called(owner, datetime.now(UTC) - timedelta(days=day), model=f"m{day % 7}")
    assert asked() == few <= 14
