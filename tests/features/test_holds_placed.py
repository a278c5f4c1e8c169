"""A hold is placed and ended in the admin, by who has the right, and is on record."""

from collections.abc import Callable
from functools import partial
from http import HTTPStatus
from typing import Any

import psycopg
import pytest
from django.contrib.auth.models import Permission
from django.db import OperationalError, connection, transaction

from conversations import holds
from conversations.accounts.erase import erase
from conversations.admin.conversations import Conversations
from conversations.admin.erasing import Erasing
from conversations.chat import organise, pruning
from conversations.chat.imports import writing
from conversations.chat.imports.tree import Tree
from conversations.chat.redaction import redacted
from conversations.db import connection_string, persistently
from conversations.ids import uuid7
from conversations.models import (
    AuditEntry,
    Conversation,
    Hold,
    Message,
    Run,
    User,
)
from conversations.models.conversation import too_late
from conversations.runs import sweep
from tests.features.admin_kit import TABLES, administrator, client_of, end_holds, made, on_record
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
    end_holds(client, hold)
    assert not holds.is_held(talk)
    ended = on_record().get(action="hold.end")
    assert ended.detail == entry.detail and ended.reason == "It is settled."
    assert client.get(f"{TABLES}hold/").status_code == HTTPStatus.OK


def test_whoever_ends_a_hold_is_asked_why(root: User, talk: Conversation) -> None:
    hold = Hold.objects.create(conversation=talk, reason="Case 7", by="sam")
    client = client_of(root)
    page = end_holds(client, hold, reason=" ").content.decode()
    assert "may be destroyed from now on" in page and str(hold.pk) in page
    assert holds.is_held(talk)


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
    end_holds(client, hold)
    assert client.get(f"{TABLES}hold/add/").status_code == HTTPStatus.FORBIDDEN
    for page in ("change", "delete"):
        sent = client.post(f"{TABLES}hold/{hold.pk}/{page}/", {"post": "yes", "reason": "none"})
        assert sent.status_code == HTTPStatus.FORBIDDEN
    assert holds.keeps_all_of(owner)


# While something is destroyed ------------------------------------------------------------------------

PLACED = """
INSERT INTO conversations_hold (id, person_id, reason, by, since, ended_by)
VALUES (gen_random_uuid(), %s, 'Case 7', 'sam', now(), '')
"""


def delete_it(talk: Conversation) -> None:
    """By no door."""
    Conversation.objects.filter(pk=talk.pk).update(active_message=None)
    Conversation.objects.get(pk=talk.pk).delete()


def redact_it(talk: Conversation) -> None:
    question = talk.messages.get(role="user")
    redacted(administrator(), question, reason="Why.", address=None)


def erase_it(talk: Conversation) -> None:
    erase(talk.owner)


def sweep_it(talk: Conversation) -> None:
    sweep.some_conversations()


@pytest.mark.parametrize("destroy", [delete_it, redact_it, erase_it, sweep_it])
def test_who_places_a_hold_waits_for_what_is_just_being_destroyed(
    destroy: Callable[[Conversation], None], owner: User, talk: Conversation
) -> None:
    """Else it would be in force, and what it holds would be gone a moment later, or its pictures alone."""
    impatient = "-c lock_timeout=100ms"
    with psycopg.connect(connection_string(), options=impatient) as elsewhere:
        elsewhere.execute(PLACED, [uuid7()])
        elsewhere.rollback()
        destroy(talk)
        with pytest.raises(psycopg.errors.LockNotAvailable):
            elsewhere.execute(PLACED, [owner.pk])


def test_what_is_destroyed_waits_for_who_is_just_placing_a_hold(
    owner: User, talk: Conversation
) -> None:
    with psycopg.connect(connection_string()) as elsewhere:
        elsewhere.execute(PLACED, [owner.pk])
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = '100ms'")
        with pytest.raises(OperationalError, match="lock timeout"), transaction.atomic():
            delete_it(talk)
        elsewhere.rollback()


def test_who_brings_again_what_was_deleted_learns_of_no_hold_that_comes_meanwhile(
    owner: User, talk: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """None comes any more when they look: they would read that it cannot be removed."""
    Conversation.objects.filter(pk=talk.pk).update(deleted_at=too_late())
    plan = writing.Plan(talk.pk, {}, [], is_new=True)
    refused: list[bool] = []

    def meanwhile(_gone: Conversation) -> bool:
        impatient = "-c lock_timeout=100ms"
        with psycopg.connect(connection_string(), options=impatient) as elsewhere:
            with pytest.raises(psycopg.errors.LockNotAvailable):
                elsewhere.execute(PLACED, [owner.pk])
            refused.append(True)
        return False

    monkeypatch.setattr(holds, "is_held", meanwhile)
    tree = Tree("there", "", None, None, {}, None)
    assert writing._held(owner, tree, plan) is None and refused


def test_a_hold_on_what_was_destroyed_a_moment_ago_is_refused(
    root: User, talk: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(holds, "placing", lambda: organise.destroy(talk))
    page = client_of(root).post(
        f"{TABLES}hold/add/", {"conversation": str(talk.pk), "reason": "Case 7"}
    )
    assert b"nothing left to hold" in page.content and not Hold.objects.exists()


def test_who_deletes_what_is_held_since_their_page_was_made_is_told_so(
    root: User, owner: User, talk: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    Hold.objects.create(person=owner, reason="Case 7", by="sam")
    monkeypatch.setattr(Erasing, "_refused", lambda *_: "")
    monkeypatch.setattr(Conversations, "get_deleted_objects", lambda *_: ([], {}, set(), []))
    client = client_of(root)
    for path, form in {
        f"{TABLES}user/{owner.pk}/delete/": {"post": "yes", "confirm": owner.username},
        f"{TABLES}conversation/{talk.pk}/delete/": {"post": "yes"},
        f"{TABLES}conversation/": {
            "post": "yes", "action": "delete_selected", "_selected_action": str(talk.pk),
        },
    }.items():  # fmt: skip
        answer = client.post(path, form, follow=True)
        assert answer.status_code == HTTPStatus.OK and b"legal hold" in answer.content, path
    assert Conversation.objects.filter(pk=talk.pk).exists()


def test_what_was_asked_before_the_hold_came_is_asked_once_more(
    owner: User, talk: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its owner notices nothing."""
    question = talk.messages.get(role="user")
    Run.objects.all().delete()
    Hold.objects.create(person=owner, reason="Case 7", by="sam")
    answers = iter([False])
    known = holds.is_held
    monkeypatch.setattr(holds, "is_held", lambda place: next(answers, known(place)))
    persistently(partial(pruning._prune, owner, question.pk))
    assert not talk.messages.exists()
    assert Message.objects.get(pk=question.pk).text == "Words"
