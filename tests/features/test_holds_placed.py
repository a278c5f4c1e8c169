"""A hold is placed and ended in the admin, by who has the right, and is on record."""

from http import HTTPStatus
from typing import Any

import pytest
from django.contrib.auth.models import Permission

from conversations import holds
from conversations.ids import uuid7
from conversations.models import (
    AuditEntry,
    Conversation,
    Hold,
    User,
)
from tests.features.admin_kit import TABLES, client_of, made
from tests.features.test_holds import on_conversation, on_person

pytestmark = pytest.mark.django_db


@pytest.fixture
def talk(owner: User) -> Conversation:
    return made(owner)


def test_a_hold_is_placed_with_a_reason_and_is_on_record(root: User, talk: Conversation) -> None:
    client = client_of(root)
    form = {"conversation": str(talk.pk), "reason": "  Case 7 "}
    assert client.post(f"{TABLES}hold/add/", form).status_code == HTTPStatus.FOUND
    hold = Hold.objects.get()
    assert (hold.reason, hold.by, holds.is_held(talk)) == ("Case 7", "sam", True)
    entry = AuditEntry.objects.get(action="hold.place")
    assert entry.detail == {"conversation": str(talk.pk)} and entry.reason == "Case 7"
    client.post(f"{TABLES}hold/", {"action": "end_these", "_selected_action": [hold.pk]})
    assert not holds.is_held(talk) and AuditEntry.objects.filter(action="hold.end").count() == 1
    assert client.get(f"{TABLES}hold/").status_code == HTTPStatus.OK


def test_a_hold_is_called_by_what_it_is_on(root: User, owner: User) -> None:
    form = {"person": str(owner.pk), "reason": "Case 8"}
    page: Any = client_of(root).post(f"{TABLES}hold/add/", form, follow=True)
    said = str(next(iter(page.context["messages"])))
    assert owner.username in said
    hold = Hold(person_id=uuid7(), reason="x")
    assert str(hold) == str(hold.person_id)


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"reason": "x"}, "one of the three"),
        ({}, "one of the three"),
        ({"conversation": "TALK"}, "This field is required"),
        ({"conversation": "TALK", "person": "OWNER", "reason": "x"}, "one of the three"),
        ({"conversation": "0" * 32, "reason": "x"}, "There is no conversation of this id"),
        ({"conversation": "none", "reason": "x"}, "Enter a valid UUID"),
        ({"person": "0" * 32, "reason": "x"}, "Select a valid choice"),
        ({"conversation": "TALK", "reason": "x" * 501}, "at most 500 characters"),
        ({"conversation": "TALK", "reason": "a\0b"}, "Null characters are not allowed"),
    ],
)
def test_a_form_that_makes_no_sense_places_nothing(
    root: User, talk: Conversation, form: dict[str, str], said: str
) -> None:
    known = {"TALK": str(talk.pk), "OWNER": str(talk.owner_id)}
    sent = {name: known.get(value, value) for name, value in form.items()}
    page = client_of(root).post(f"{TABLES}hold/add/", sent)
    assert said in page.content.decode()
    assert "Constraint" not in page.content.decode()
    assert not Hold.objects.exists()


def test_the_same_thing_is_not_held_twice(root: User, talk: Conversation) -> None:
    on_conversation(talk.owner)
    again = {"conversation": str(talk.pk), "reason": "x"}
    page = client_of(root).post(f"{TABLES}hold/add/", again)
    assert "A hold is on it already." in page.content.decode()


def test_only_who_has_the_right_ends_a_hold(rita: User, owner: User, talk: Conversation) -> None:
    hold = on_person(owner)
    rita.user_permissions.add(Permission.objects.get(codename="view_hold"))
    client = client_of(rita)
    client.post(f"{TABLES}hold/", {"action": "end_these", "_selected_action": [hold.pk]})
    assert client.get(f"{TABLES}hold/add/").status_code == HTTPStatus.FORBIDDEN
    for page in ("change", "delete"):
        sent = client.post(f"{TABLES}hold/{hold.pk}/{page}/", {"post": "yes", "reason": "none"})
        assert sent.status_code == HTTPStatus.FORBIDDEN
    assert holds.keeps_all_of(owner)
