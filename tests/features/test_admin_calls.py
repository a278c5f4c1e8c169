"""The ledger in the admin: what is listed and added up, and how a call is put right."""

from datetime import timedelta
from http import HTTPStatus
from typing import Any

import pytest
from django.utils import timezone

from conversations.ids import uuid7
from conversations.models import AuditEntry, ProviderCall, User
from tests.features.admin_kit import TABLES, administrator, client_of, person, reviewer

pytestmark = pytest.mark.django_db

LIST = f"{TABLES}providercall/"


@pytest.fixture
def root() -> User:
    return administrator()


@pytest.fixture
def ada() -> User:
    return person()


def made(user: User, **fields: Any) -> ProviderCall:
    usual: dict[str, Any] = {
        "user": user, "provider": "openai", "model": "gpt-4.1-mini", "outcome": "ok", "run": uuid7(),
        "input_tokens": 1_000, "output_tokens": 10, "cost_micros": 500_000,
    }  # fmt: skip
    return ProviderCall.objects.create(**{**usual, **fields})


def listed(who: User, **asked: Any) -> tuple[int, str]:
    """How many calls, and the page."""
    answer: Any = client_of(who).get(LIST, asked)
    assert answer.status_code == HTTPStatus.OK
    return answer.context_data["cl"].result_count, answer.content.decode()


def form(call: ProviderCall, **said: Any) -> dict[str, Any]:
    chosen = {"action": "put_right", "_selected_action": str(call.pk), "confirmed": "yes"}
    return {**chosen, "note": "by the bill", **said}


def test_how_a_call_ended_is_said_as_its_filter_says_it(root: User, ada: User) -> None:
    call = made(ada, input_tokens=12_345)
    assert 'class="field-result">answered<' in listed(root)[1]
    page = client_of(root).get(f"{LIST}{call.pk}/change/").content.decode()
    assert "12,345" in page and "answered" in page


def test_what_is_filtered_is_added_up(root: User, ada: User) -> None:
    made(ada, purpose="title", estimated=True, input_tokens=7)
    made(ada, outcome="provider_error", cost_micros=None)
    made(root, model="gpt-4o")
    count, page = listed(root)
    assert count == 3 and "2,007" in page and "$1.00" in page
    for asked, found in (
        ({"purpose__exact": "title"}, 1),
        ({"estimated__exact": "1"}, 1),
        ({"outcome": "trouble"}, 1),
        ({"outcome": "ok"}, 2),
        ({"model": "gpt-4o"}, 1),
        ({"person": str(ada.pk)}, 2),
        ({"day": f"{timezone.now():%Y-%m-%d}"}, 3),
        ({"day": "1999-01-01"}, 0),
        ({"time": "nonsense"}, 3),
    ):
        assert listed(root, **asked)[0] == found, asked


def test_a_month_is_listed_unless_more_is_asked_for(root: User, ada: User) -> None:
    old = made(ada, at=timezone.now() - timedelta(days=100))
    for asked, found in (
        ({}, 0),
        ({"time": "7"}, 0),
        ({"time": "365"}, 1),
        ({"time": "all"}, 1),
        ({"person": str(ada.pk)}, 1),
        ({"q": str(old.run)}, 1),
    ):
        assert listed(root, **asked)[0] == found, asked


@pytest.mark.parametrize(
    ("asked", "marked"),
    [
        ({}, "30 days"),
        ({"time": "x"}, "30 days"),
        ({"time": "7"}, "7 days"),
        ({"person": "ada"}, "All"),
        ({"person": "ada", "time": "30"}, "30 days"),
    ],
)
def test_the_time_is_marked_that_holds(root: User, asked: dict[str, str], marked: str) -> None:
    answer: Any = client_of(root).get(LIST, asked)
    shown = answer.context_data["cl"]
    of_time = shown.filter_specs[0].choices(shown)
    assert [one["display"] for one in of_time if one["selected"]] == [marked]


def test_who_was_erased_is_found_by_what_is_left_of_them(root: User, ada: User) -> None:
    call, id = made(ada), str(ada.pk)
    ada.delete()
    count, page = listed(root, person=id)
    assert count == 1
    assert f"erased, {id}" in page
    assert id in client_of(root).get(f"{LIST}{call.pk}/change/").content.decode()


def test_a_call_is_put_right_by_a_row_and_it_is_on_record(root: User, ada: User) -> None:
    call, client = made(ada), client_of(root)
    chosen = {"action": "put_right", "_selected_action": str(call.pk)}
    asked = client.post(LIST, chosen).content.decode()
    assert 'value="1000"' in asked and 'value="0.5' in asked
    said = form(call, input_tokens="400", output_tokens="10", cost="0.2")
    for _ in range(2):  # sent twice it is done once
        assert client.post(LIST, said).status_code == HTTPStatus.FOUND
    row = ProviderCall.objects.get(corrects=call.pk)
    assert (row.input_tokens, row.output_tokens, row.cost_micros) == (-600, None, -300_000)
    assert (row.user_id, row.outcome, row.detail) == (ada.pk, "correction", "by the bill")
    entry = AuditEntry.objects.get(action="ledger.correct")
    assert (entry.actor, entry.object_id, entry.reason) == ("sam", str(call.pk), "by the bill")
    page = client.get(f"{LIST}{call.pk}/change/").content.decode()
    assert "400 / 10, $0.20" in page
    client.post(LIST, form(row, input_tokens="1"))
    assert ProviderCall.objects.count() == 2, "a correction is not corrected"


@pytest.mark.parametrize(
    "said",
    [
        {"note": ""},
        {"note": " \x00"},
        {"input_tokens": "-1"},
        {"input_tokens": "9" * 30},
        {"cost": "1e9"},
        {"cost": "NaN"},
        {"input_tokens": "4", "cached_input_tokens": "5"},
        {"note": "x" * 501},
    ],
)
def test_what_cannot_be_right_is_refused(said: dict[str, str], root: User, ada: User) -> None:
    call = made(ada)
    answer = client_of(root).post(LIST, form(call, **said))
    assert answer.status_code == HTTPStatus.OK and "errorlist" in answer.content.decode()
    assert ProviderCall.objects.count() == 1


def test_who_may_only_read_puts_nothing_right(ada: User) -> None:
    rita, call = reviewer(), made(ada)
    assert "put_right" not in listed(rita)[1]
    client_of(rita).post(LIST, form(call, input_tokens="1"))
    assert ProviderCall.objects.count() == 1
