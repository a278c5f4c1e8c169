"""People and invitations in the admin: made, changed, deactivated, deleted; and on record."""

import re
from http import HTTPStatus
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, Permission

from conversations.accounts import invitations
from conversations.models import (
    AuditEntry,
    Conversation,
    Erasure,
    Hold,
    Image,
    Invitation,
    Message,
    ProviderCall,
    User,
)
from tests.features.admin_kit import TABLES, client_of, form_of, made, on_record, reviewer

pytestmark = pytest.mark.django_db


def test_an_administrator_makes_a_person_and_a_taken_name_is_told(root: User, owner: User) -> None:
    client = client_of(root)
    secret = {"password1": "quiet-harbour-41", "password2": "quiet-harbour-41"}
    new = {"username": "ben", "email": "ben@example.org", "usable_password": "true", **secret}
    assert client.post(f"{TABLES}user/add/", new).status_code == HTTPStatus.FOUND
    assert User.objects.get(username="ben").check_password("quiet-harbour-41")
    again = {**new, "username": "ADA", "email": "ADA@example.org"}
    page = client.post(f"{TABLES}user/add/", again).content.decode()
    assert "Somebody else has this e-mail." in page
    assert User.objects.filter(username__iexact="ada").count() == 1
    assert AuditEntry.objects.get(action="user.add").owner == "ben"


def test_deactivating_ends_a_persons_session(root: User, owner: User) -> None:
    client, path = client_of(root), f"{TABLES}user/{owner.pk}/change/"
    hers = client_of(owner)
    assert hers.get("/settings/").status_code == HTTPStatus.OK
    fields = form_of(client, path)
    fields.pop("is_active")
    assert client.post(path, fields).status_code == HTTPStatus.FOUND
    owner.refresh_from_db()
    assert not owner.is_active
    assert hers.get("/settings/").status_code == HTTPStatus.FOUND
    assert AuditEntry.objects.get(action="user.change").detail == {"fields": ["Active"]}


def test_somebody_is_deactivated_from_the_list_with_a_reason_and_nobody_by_themselves(
    root: User, owner: User
) -> None:
    client, people = client_of(root), f"{TABLES}user/"
    asked = {"action": "deactivate", ACTION_CHECKBOX_NAME: [owner.pk, root.pk]}
    page = client.post(people, asked).content.decode()
    assert "Nothing of theirs is deleted." in page and f"<li>{root}</li>" not in page
    client.post(people, {**asked, "confirmed": "yes", "reason": "floods the site"})
    assert not User.objects.get(pk=owner.pk).is_active and User.objects.get(pk=root.pk).is_active
    entry = AuditEntry.objects.get(action="person.deactivate", owner_id=owner.pk)
    assert entry.reason == "floods the site" and entry.actor_id == root.pk


def test_from_the_list_as_from_their_page_only_those_are_changed_who_may_be(
    root: User, rita: User, owner: User
) -> None:
    """Staff that may change people changes no staff, and nobody changes who is being erased."""
    rita.user_permissions.set(Permission.objects.filter(codename__in=["view_user", "change_user"]))
    leaving, ben = (User.objects.create(username=name) for name in ("leaving", "ben"))
    Erasure.objects.create(person=leaving, messages=1)
    chosen = [one.pk for one in (root, leaving, owner, ben)]
    asked = {"action": "deactivate", ACTION_CHECKBOX_NAME: chosen, "confirmed": "yes"}
    client_of(rita).post(f"{TABLES}user/", {**asked, "reason": "floods the site"})
    left = User.objects.filter(pk__in=chosen, is_active=True)
    assert set(left.values_list("pk", flat=True)) == {root.pk, leaving.pk}
    done = AuditEntry.objects.filter(action="person.deactivate", actor_id=rita.pk)
    assert set(done.values_list("owner_id", flat=True)) == {owner.pk, ben.pk}


def test_a_persons_page_offers_nothing_that_would_do_nothing(root: User, owner: User) -> None:
    def offered(person: User) -> set[str]:
        page = client_of(root).get(f"{TABLES}user/{person.pk}/change/").content.decode()
        return {name for name in ("deactivate", "take_factor_away") if f'value="{name}"' in page}

    assert offered(owner) == {"deactivate"} and offered(root) == set()
    Authenticator.objects.create(user=owner, type=Authenticator.Type.TOTP, data={})
    User.objects.filter(pk=owner.pk).update(is_active=False)
    assert offered(owner) == {"take_factor_away"}


def test_a_replaced_email_signs_nobody_in(root: User, owner: User) -> None:
    EmailAddress.objects.create(user=owner, email=owner.email, primary=True, verified=True)
    client, path = client_of(root), f"{TABLES}user/{owner.pk}/change/"
    client.post(path, {**form_of(client, path), "email": "new@example.org"})
    assert [one.email for one in EmailAddress.objects.filter(user=owner)] == ["new@example.org"]


def test_a_password_set_in_the_admin_is_on_record_without_it(root: User, owner: User) -> None:
    path = f"{TABLES}user/{owner.pk}/password/"
    new = {"password1": "another-harbour-17", "password2": "another-harbour-17"}
    client_of(root).post(path, {**new, "usable_password": "true"})
    owner.refresh_from_db()
    assert owner.check_password("another-harbour-17")
    assert AuditEntry.objects.get(action="user.change").detail == {"fields": ["password"]}


@pytest.fixture
def clerk() -> User:
    """Staff who may edit people, but is no administrator."""
    clerk = User.objects.create(username="clerk", is_staff=True)
    clerk.user_permissions.set(
        Permission.objects.filter(
            content_type__app_label="conversations", codename__endswith="_user"
        )
    )
    return User.objects.get(pk=clerk.pk)


def test_who_may_edit_people_cannot_rise(clerk: User, root: User, owner: User) -> None:
    client = client_of(clerk)
    path = f"{TABLES}user/{owner.pk}/change/"
    fields = {**form_of(client, path), "is_superuser": "on", "is_staff": "on"}
    assert client.post(path, fields).status_code == HTTPStatus.FOUND
    owner.refresh_from_db()
    assert not owner.is_staff and not owner.is_superuser
    for what in ("change/", "password/", "delete/"):
        answer = client.post(f"{TABLES}user/{root.pk}/{what}", {"post": "yes", "email": "x@y.org"})
        assert answer.status_code == HTTPStatus.FORBIDDEN, what


def test_an_administrator_cannot_shut_themselves_out(root: User) -> None:
    client, path = client_of(root), f"{TABLES}user/{root.pk}/change/"
    assert client.post(path, form_of(client, path)).status_code == HTTPStatus.FOUND
    root.refresh_from_db()
    assert root.is_active and root.is_staff and root.is_superuser
    client.post(f"{TABLES}user/{root.pk}/delete/", {"post": "yes"})
    assert User.objects.filter(pk=root.pk).exists()


# Deleting ---------------------------------------------------------------------------------------


@pytest.fixture
def no_runs_to_stop(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stopping talks to the process's own loop and pool, which a test's transaction is hidden from."""

    async def nothing(conversation: Conversation) -> None:
        return None

    monkeypatch.setattr("conversations.runs.stop.stop_all_in", nothing)


@pytest.mark.usefixtures("no_runs_to_stop")
def test_only_an_administrator_deletes_a_conversation_and_it_is_on_record(
    root: User, owner: User, clerk: User
) -> None:
    talk = made(owner)
    path = f"{TABLES}conversation/{talk.pk}/delete/"
    assert client_of(clerk).post(path, {"post": "yes"}).status_code == HTTPStatus.FORBIDDEN
    asked = client_of(root).get(path).content.decode()
    assert "Messages: 2" in asked and Conversation.objects.filter(pk=talk.pk).exists()
    client_of(root).post(path, {"post": "yes"})
    assert not Conversation.objects.exists() and not Message.objects.exists()
    entry = AuditEntry.objects.get(action="conversation.delete")
    [kept] = LogEntry.objects.filter(object_id=str(talk.pk))
    assert "Talk" not in kept.object_repr, "Django's own log keeps the title for ever"
    assert (entry.actor, entry.owner, entry.object_id) == ("sam", "ada", str(talk.pk))
    assert ProviderCall.objects.count() == 1


@pytest.mark.usefixtures("no_runs_to_stop")
def test_a_person_is_erased_by_name_with_all_that_is_theirs(root: User, owner: User) -> None:
    made(owner)
    id, client, path = owner.pk, client_of(root), f"{TABLES}user/{owner.pk}/delete/"
    asked = client.get(path).content.decode()
    assert "Conversations: 1" in asked and "Messages: 2" in asked
    assert re.search(r"Calls on the ledger[^<]*: 1", asked) and "Entries of the audit" in asked
    for typed in ({}, {"confirm": "sam"}):
        page = client.post(path, {"post": "yes", **typed}).content.decode()
        assert "Type the user name" in page and User.objects.filter(pk=id).exists()
    client.post(path, {"post": "yes", "confirm": "ada", "reason": "She left"})
    assert not User.objects.filter(pk=id).exists()
    assert not Conversation.objects.exists() and not Image.objects.exists()
    assert ProviderCall.objects.get().user_id == id, "the ledger is not changed"
    for action in ("person.erase", "user.delete"):
        entry = on_record().get(action=action)
        assert (entry.actor, entry.owner, entry.reason) == ("sam", "ada", "She left")


def test_nobody_is_erased_from_a_list_or_under_legal_hold(root: User, owner: User) -> None:
    client = client_of(root)
    chosen = {"action": "delete_selected", "_selected_action": str(owner.pk), "post": "yes"}
    client.post(f"{TABLES}user/", {**chosen, "confirm": "ada"})
    assert User.objects.filter(pk=owner.pk).exists()
    Hold.objects.create(person=owner, reason="A case")
    path = f"{TABLES}user/{owner.pk}/delete/"
    page = client.post(path, {"post": "yes", "confirm": "ada"}).content.decode()
    assert "kept by a legal hold" in page and User.objects.filter(pk=owner.pk).exists()
    assert "is erased" not in page and 'name="confirm"' not in page, (
        "nothing is offered that cannot be"
    )
    unnamed = client.post(f"{TABLES}user/{root.pk}/delete/", {"post": "yes"}).content.decode()
    assert "(yourself)" in unnamed and 'name="confirm"' not in unnamed


# Their page -------------------------------------------------------------------------------------


def test_a_persons_page_leads_to_all_that_is_theirs(root: User, owner: User) -> None:
    page = client_of(root).get(f"{TABLES}user/{owner.pk}/change/").content.decode()
    for table in ("conversation", "image", "run", "providercall", "auditentry"):
        address = f"{TABLES}{table}/?person={owner.pk}"
        assert address in page, table
        assert client_of(root).get(address).status_code == HTTPStatus.OK
    for action in ("stop_answers", "sign_out", "take_along"):
        assert f'name="action" value="{action}"' in page


def test_staff_cannot_become_other_staff_by_setting_their_password(clerk: User) -> None:
    rita = reviewer()
    path = f"{TABLES}user/{rita.pk}/"
    new = {"password1": "another-harbour-17", "password2": "another-harbour-17"}
    for what in ("password/", "change/"):
        answer = client_of(clerk).post(f"{path}{what}", {**new, "usable_password": "true"})
        assert answer.status_code == HTTPStatus.FORBIDDEN, what
    page = client_of(clerk).get(f"{path}change/").content.decode()
    assert "_save" not in page and 'value="sign_out"' not in page


def test_each_group_says_in_words_what_it_may(root: User, clerk: User) -> None:
    assert "/admin/roles/" in client_of(root).get("/admin/auth/group/").content.decode()
    page = client_of(root).get("/admin/roles/").content.decode()
    for name in ("Accountants", "Helpdesk", "Reviewers"):
        assert f"<h2>{name}</h2>" in page
    assert "May look at" in page and str(ProviderCall._meta.verbose_name_plural) in page
    assert client_of(clerk).get("/admin/roles/").status_code == HTTPStatus.FORBIDDEN


@pytest.mark.parametrize(
    ("name", "sees", "does_not"),
    [
        (
            "Accountants",
            ("providercall", "budget", "dailyuse"),
            ("user", "conversation", "message"),
        ),
        ("Helpdesk", ("user", "invitation"), ("conversation", "message", "providercall")),
    ],
)
def test_a_ready_made_group_may_what_it_is_for(
    name: str, sees: tuple[str, ...], does_not: tuple[str, ...]
) -> None:
    hana = User.objects.create(username="hana", is_staff=True)
    hana.groups.add(Group.objects.get(name=name))
    hana = User.objects.get(pk=hana.pk)
    assert all(hana.has_perm(f"conversations.view_{table}") for table in sees)
    assert not any(hana.has_perm(f"conversations.view_{table}") for table in does_not)


# Invitations ------------------------------------------------------------------------------------


def test_an_invitations_link_is_shown_once(root: User, settings: Any) -> None:
    settings.SIGNUP = "invite"
    desk = client_of(root)
    page = desk.post(f"{TABLES}invitation/add/", {"note": "Ben"}, follow=True).content.decode()
    found = re.search(r"/accounts/invitation/[\w-]+/", page)
    assert found and client_of(None).get(found.group()).status_code == HTTPStatus.FOUND
    one = Invitation.objects.get()
    assert (one.note, one.created_by, one.is_setup) == ("Ben", root, False)
    for path in ("invitation/", f"invitation/{one.pk}/change/"):
        again = desk.get(f"{TABLES}{path}").content.decode()
        assert "/accounts/invitation/" not in again and one.token_hash not in again
    assert AuditEntry.objects.get(action="invitation.add").actor == "sam"


def test_an_invitation_can_be_withdrawn_but_not_changed(root: User) -> None:
    one, _ = invitations.invite(by=root, note="Ben")
    client = client_of(root)
    path = f"{TABLES}invitation/{one.pk}/"
    changed = client.post(f"{path}change/", {"note": "Cleo"})
    assert changed.status_code == HTTPStatus.FORBIDDEN
    client.post(f"{path}delete/", {"post": "yes"})
    assert not Invitation.objects.exists()
