"""What people do to their own accounts is on record: who, when, from where, as what."""

import secrets
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from conversations.accounts import invitations
from conversations.models import AuditEntry, User
from tests.features.admin_kit import TABLES, client_of, form_of
from tests.harness.database import Ground
from tests.harness.people import PASSWORD, Person

pytestmark = pytest.mark.django_db
LOGIN = "/accounts/login/"


@pytest.fixture(autouse=True)
def fresh_limits(db: None) -> None:
    cache.clear()


@pytest.fixture
def address() -> str:
    return f"10.{secrets.randbelow(250)}.{secrets.randbelow(250)}.7"


@pytest.fixture
def client(address: str) -> Client:
    return Client(REMOTE_ADDR=address)


def entry(action: str) -> AuditEntry:
    return AuditEntry.objects.get(action=action)


def tried(client: Client, name: str, password: str = PASSWORD) -> None:
    client.post(LOGIN, {"login": name, "password": password})


@pytest.mark.parametrize("as_what", ["person", "staff", "administrator"])
def test_who_signs_in_is_on_record_with_what_they_may(
    as_what: str, client: Client, owner: User, address: str
) -> None:
    owner.is_superuser = as_what == "administrator"
    owner.is_staff = as_what != "person"
    owner.save()
    tried(client, "ada")
    found = entry("person.sign_in")
    assert (found.actor, found.owner_id, found.address) == ("ada", owner.pk, address)
    assert (found.acted_as, found.detail) == (as_what, {"by": ["password"]})
    client.post("/accounts/logout/")
    assert entry("person.sign_out").actor_id == owner.pk


@pytest.mark.parametrize("name", ["ada", "ADA@example.org"])
def test_who_fails_to_sign_in_has_tried_to_be_somebody(
    name: str, client: Client, owner: User, address: str
) -> None:
    tried(client, name, "not-the-password")
    found = entry("person.sign_in_failed")
    assert (found.actor, found.actor_id, found.acted_as) == ("", None, "")
    assert (found.owner_id, found.object_id, found.address) == (owner.pk, str(owner.pk), address)


def test_who_is_called_alike_was_not_meant(client: Client, owner: User) -> None:
    """i and ı have one upper case."""
    User.objects.create(username="lısa", email="first@example.org")
    lisa = User.objects.create(username="lisa", email="second@example.org")
    tried(client, "Lisa", "not-the-password")
    assert entry("person.sign_in_failed").owner_id == lisa.pk


def test_a_name_that_nobody_has_is_not_kept_it_may_be_a_password(client: Client) -> None:
    tried(client, "my-secret-41")
    found = entry("person.sign_in_failed")
    assert "my-secret-41" not in str(vars(found)) and found.owner_id is None


def test_a_closed_account_is_told_from_a_wrong_password(client: Client, owner: User) -> None:
    User.objects.filter(pk=owner.pk).update(is_active=False)
    tried(client, "ada")
    assert entry("person.sign_in_failed").detail == {"deactivated": True}
    assert not AuditEntry.objects.filter(action="person.sign_in").exists()


def test_signing_up_says_by_which_invitation(client: Client, root: User, settings: Any) -> None:
    settings.SIGNUP = "invite"
    invitation, link = invitations.invite(by=root)
    client.get(link.removeprefix(settings.PUBLIC_URL))
    form = {"username": "ben", "email": "ben@example.org", "password1": PASSWORD}
    client.post("/accounts/signup/", form)
    assert entry("person.sign_up").detail == {"invitation": invitation.pk, "group": None}
    assert entry("person.sign_in").detail == {"by": ["sign_up"]}


def test_a_new_password_and_a_new_email_are_on_record(client: Client, owner: User) -> None:
    tried(client, "ada")
    new = {"password1": "another-harbour-17", "password2": "another-harbour-17"}
    client.post("/accounts/password/change/", {"oldpassword": PASSWORD, **new})
    assert entry("person.password").detail == {"by_mail": False}
    client.post("/accounts/email/", {"email": "new@example.org", "action_add": ""})
    found = entry("person.email")
    assert found.actor_id == owner.pk and "new@example.org" not in str(vars(found))


def test_a_password_said_wrong_while_signed_in_is_on_record(client: Client, owner: User) -> None:
    tried(client, "ada")
    client.post("/accounts/reauthenticate/", {"password": "not-the-password"})
    found = entry("person.sign_in_failed")
    assert (found.actor_id, found.owner_id) == (owner.pk, owner.pk)


def test_taking_everything_along_is_on_record(ada: Person, ground: Ground) -> None:
    assert ada.http.get("/api/v1/export?what=everything").status_code == 200
    found = ground.row(AuditEntry, action="person.export", owner_id=ada.id)
    assert (found.actor, found.address) == (ada.name, "127.0.0.1")
    assert found.detail == {"what": "everything"}


def test_deleting_everything_is_on_record_with_how_much_it_was(ada: Person, ground: Ground) -> None:
    ada.api("POST", "conversations", expect=201)
    ada.http.post("/settings/everything/", data={"confirm": ada.name})
    found = ground.row(AuditEntry, action="everything.delete", owner_id=ada.id)
    assert (found.actor, found.acted_as) == (ada.name, "person")
    assert found.detail == {"conversations": 1}


# Rights -----------------------------------------------------------------------------------------


def test_what_somebody_may_do_is_on_record_before_and_after(root: User, owner: User) -> None:
    client, path = client_of(root), f"{TABLES}user/{owner.pk}/change/"
    client.post(path, {**form_of(client, path), "is_staff": "on"})
    found = entry("person.rights")
    assert found.detail == {"before": {"staff": False}, "after": {"staff": True}}
    assert (found.actor, found.owner, found.acted_as) == ("sam", "ada", "administrator")
    client.post(path, {**form_of(client, path), "first_name": "Ada"})
    assert AuditEntry.objects.filter(action="person.rights").count() == 1
