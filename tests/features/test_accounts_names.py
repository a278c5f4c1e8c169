"""One person, one spelling: names and e-mails that look alike are one, however they came in."""

import secrets
from collections.abc import Callable, Iterator
from importlib import import_module
from typing import Any, cast

import pytest
from django.apps import apps
from django.core.cache import cache
from django.core.management import call_command
from django.db import connection
from django.db.models.signals import pre_save
from django.http import HttpResponse
from django.test import Client

from conversations.accounts import invitations
from conversations.models import Invitation, User

PASSWORD = "a-quiet-harbour-41"
pytestmark = pytest.mark.django_db

Meanwhile = Callable[[Callable[[], object]], None]


@pytest.fixture
def client(settings: Any) -> Client:
    settings.SIGNUP = "open"
    cache.clear()
    return Client(REMOTE_ADDR=f"10.{secrets.randbelow(250)}.{secrets.randbelow(250)}.8")


@pytest.fixture
def meanwhile() -> Iterator[Meanwhile]:
    """What somebody else does between the form's checks and the row."""
    kept: list[Callable[..., None]] = []

    def meanwhile(work: Callable[[], object]) -> None:
        def once(**_: object) -> None:
            pre_save.disconnect(once, sender=User)
            work()

        kept.append(once)
        pre_save.connect(once, sender=User)

    yield meanwhile
    for once in kept:
        pre_save.disconnect(once, sender=User)


def sign_up(client: Client, name: str, email: str = "") -> HttpResponse:
    form = {"username": name, "email": email or "new@example.org", "password1": PASSWORD}
    return cast("HttpResponse", client.post("/accounts/signup/", form))


def said(answer: HttpResponse) -> str:
    return answer.content.decode()


@pytest.mark.parametrize("make", ["create_user", "create_superuser"])
@pytest.mark.parametrize("typed", ["Sam@Example.org", "sam@example.org"])
def test_an_email_made_in_mixed_case_signs_in(client: Client, make: str, typed: str) -> None:
    getattr(User.objects, make)("sam", "Sam@Example.org", PASSWORD)
    client.post("/accounts/login/", {"login": typed, "password": PASSWORD})
    assert client.get("/").status_code == 200


def test_djangos_own_command_makes_an_email_that_signs_in(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", PASSWORD)
    person = {"username": "sam", "email": "SAM@Example.org"}
    call_command("createsuperuser", interactive=False, verbosity=0, **person)
    client.post("/accounts/login/", {"login": "sam@example.org", "password": PASSWORD})
    assert client.get("/").status_code == 200


def test_emails_of_before_are_mended(client: Client) -> None:
    User.objects.create_user("sam", "sam@example.org", PASSWORD)
    User.objects.update(email="Sam@Example.org")
    mend = import_module("conversations.migrations.0003_plain_emails").in_lower_case
    mend(apps, connection.schema_editor())
    client.post("/accounts/login/", {"login": "sam@example.org", "password": PASSWORD})
    assert client.get("/").status_code == 200


def test_a_sign_up_with_an_administrators_email_is_told(client: Client) -> None:
    User.objects.create_superuser("sam", "Sam@Example.org", PASSWORD)
    answer = sign_up(client, "other", "sam@example.org")
    assert answer.status_code == 200 and "already" in said(answer)
    assert not User.objects.filter(username="other").exists()


@pytest.mark.parametrize(
    ("kept", "typed"),
    [
        ("kelvin", "\u212aelvin"),  # the Kelvin sign
        ("ines", "\u0130nes"),  # a dotted capital I, whose lower case is an i to Postgres
        ("\u00e9va", "e\u0301va"),  # é in two parts
        ("fi", "\ufb01"),  # a ligature
    ],
)
def test_a_name_that_looks_like_anothers_is_taken(client: Client, kept: str, typed: str) -> None:
    User.objects.create_user(kept, "kept@example.org", PASSWORD)
    answer = sign_up(client, typed)
    assert answer.status_code == 200 and "taken" in said(answer)
    assert User.objects.filter(email="new@example.org").count() == 0


def test_a_name_that_grows_when_it_is_written_out_is_too_long(client: Client) -> None:
    answer = sign_up(client, "\ufb01" * 100)
    assert answer.status_code == 200 and "150" in said(answer)


def test_however_a_keyboard_makes_an_accent_one_signs_in(client: Client) -> None:
    User.objects.create_user("\u00e9va", "eva@example.org", PASSWORD)
    client.post("/accounts/login/", {"login": "e\u0301va", "password": PASSWORD})
    assert client.get("/").status_code == 200


@pytest.mark.parametrize(
    ("name", "email"), [("nora", "other@example.org"), ("other", "new@example.org")]
)
def test_who_is_a_moment_late_with_a_name_is_told_in_the_form(
    client: Client, meanwhile: Meanwhile, name: str, email: str
) -> None:
    meanwhile(lambda: User.objects.create_user(name, email, PASSWORD))
    answer = sign_up(client, "nora")
    assert answer.status_code == 200 and "taken in this moment" in said(answer)


def test_who_is_a_moment_late_with_a_name_keeps_the_invitation(
    client: Client, meanwhile: Meanwhile, settings: Any
) -> None:
    settings.SIGNUP = "invite"
    _, link = invitations.invite()
    client.get(link.removeprefix(settings.PUBLIC_URL))
    meanwhile(lambda: User.objects.create_user("nora", "nora@example.org", PASSWORD))
    sign_up(client, "nora")
    assert sign_up(client, "nora2").status_code == 302
    assert Invitation.objects.get().used_by == User.objects.get(username="nora2")


def test_who_is_a_moment_late_with_an_invitation_hears_that_it_was_used(
    client: Client, meanwhile: Meanwhile, settings: Any
) -> None:
    settings.SIGNUP = "invite"
    invitation, link = invitations.invite()
    client.get(link.removeprefix(settings.PUBLIC_URL))
    used = Invitation.objects.filter(pk=invitation.pk)
    meanwhile(lambda: used.update(used_at=invitation.created_at))
    answer = sign_up(client, "otto")
    assert answer.status_code == 404 and "It was used already" in said(answer)
    assert not User.objects.filter(username="otto").exists()


@pytest.mark.parametrize(("mode", "status"), [("closed", 404), ("open", 302)])
def test_a_set_up_link_makes_no_second_administrator(
    client: Client, meanwhile: Meanwhile, settings: Any, mode: str, status: int
) -> None:
    settings.SIGNUP = mode
    User.objects.filter(is_superuser=True).update(is_active=False)
    client.get(invitations.setup_link().removeprefix(settings.PUBLIC_URL))
    meanwhile(lambda: User.objects.create_superuser("first", "first@example.org", PASSWORD))
    assert sign_up(client, "second").status_code == status
    assert not User.objects.filter(username="second", is_superuser=True).exists()
