"""Who is let in, and how: sign-up as the owner says, one-time links, names, passwords and mails."""

import re
import secrets
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from conversations.accounts.invitations import accept, invite, setup_link
from conversations.models import Invitation, User

PASSWORD = "a-quiet-harbour-41"
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def fresh_limits(db: None) -> None:
    cache.clear()
    User.objects.filter(is_superuser=True).update(is_active=False)


@pytest.fixture
def client() -> Client:
    return Client(REMOTE_ADDR=f"10.{secrets.randbelow(250)}.{secrets.randbelow(250)}.7")


def signed_up(client: Client, name: str, **more: str) -> User | None:
    form = {"username": name, "email": f"{name}@example.org", "password1": PASSWORD, **more}
    client.post("/accounts/signup/", form)
    return User.objects.filter(username=form["username"]).first()


def path_of(link: str) -> str:
    return re.sub(r"^https?://[^/]+", "", link)


def test_anybody_may_sign_up_where_it_is_open(client: Client, settings: Any) -> None:
    settings.SIGNUP = "open"
    assert 'for="id_username">User name<' in client.get("/accounts/signup/").content.decode()
    user = signed_up(client, "dora")
    assert user is not None and not user.is_staff
    assert client.get("/").status_code == 200


@pytest.mark.parametrize("mode", ["invite", "closed"])
def test_nobody_signs_up_without_an_invitation(client: Client, settings: Any, mode: str) -> None:
    settings.SIGNUP = mode
    assert signed_up(client, "dora") is None


def test_an_invitation_lets_one_person_in_once(client: Client, settings: Any) -> None:
    settings.SIGNUP = "invite"
    invitation, link = invite(note="Ben")
    assert client.get(path_of(link)).status_code == 302
    user = signed_up(client, "ben2")
    invitation.refresh_from_db()
    assert user is not None and invitation.used_by == user
    second = Client(REMOTE_ADDR="10.9.9.9")
    assert second.get(path_of(link)).status_code == 404
    assert signed_up(second, "cleo2") is None


def test_two_browsers_with_one_invitation_make_one_account(settings: Any) -> None:
    settings.SIGNUP = "invite"
    _, link = invite()
    first, second = Client(REMOTE_ADDR="10.9.1.1"), Client(REMOTE_ADDR="10.9.1.2")
    for browser in (first, second):
        browser.get(path_of(link))
    assert signed_up(first, "eve2") is not None
    assert signed_up(second, "eve3") is None


def test_an_invitation_runs_out(client: Client, settings: Any) -> None:
    settings.SIGNUP = "invite"
    invitation, link = invite()
    Invitation.objects.filter(pk=invitation.pk).update(expires_at=timezone.now() - timedelta(1))
    assert client.get(path_of(link)).status_code == 404


def test_an_invitation_does_not_open_a_closed_site(client: Client, settings: Any) -> None:
    settings.SIGNUP = "closed"
    _, link = invite()
    client.get(path_of(link))
    assert signed_up(client, "dora") is None


def test_the_set_up_link_makes_the_first_administrator_also_on_a_closed_site(
    client: Client, settings: Any
) -> None:
    settings.SIGNUP = "closed"
    client.get(path_of(setup_link()))
    user = signed_up(client, "owner")
    assert user is not None and user.is_superuser and user.is_staff


def test_a_set_up_link_is_void_once_there_is_an_administrator(client: Client) -> None:
    link = setup_link()
    User.objects.create_superuser("first", "first@example.org", PASSWORD)
    assert client.get(path_of(link)).status_code == 404


def test_a_newer_set_up_link_voids_the_older_one(client: Client) -> None:
    older = setup_link()
    setup_link()
    assert client.get(path_of(older)).status_code == 404


def test_only_the_hash_of_a_token_is_kept() -> None:
    invitation, link = invite()
    token = link.rstrip("/").rsplit("/", 1)[1]
    assert token not in str(vars(invitation)) and accept(token, User.objects.create_user("fay"))


@pytest.mark.parametrize("name", ["ada@example.org", "a b", "a/b", "a\u0000b", ""])
def test_such_a_user_name_is_refused(client: Client, settings: Any, name: str) -> None:
    settings.SIGNUP = "open"
    before = User.objects.count()
    form = {"username": name, "email": "x@example.org", "password1": PASSWORD}
    assert client.post("/accounts/signup/", form).status_code == 200, "the form comes back"
    assert User.objects.count() == before


def test_a_name_is_taken_in_any_case(client: Client, settings: Any) -> None:
    settings.SIGNUP = "open"
    User.objects.create_user("gil", "gil@example.org", PASSWORD)
    assert signed_up(client, "GIL", email="other@example.org") is None


def test_an_email_is_taken_in_any_case(client: Client, settings: Any) -> None:
    settings.SIGNUP = "open"
    User.objects.create_user("gil", "gil@example.org", PASSWORD)
    assert signed_up(client, "hal", email="GIL@example.org") is None


@pytest.mark.parametrize("login", ["iris", "IRIS@example.org"])
def test_one_signs_in_by_name_or_email(client: Client, login: str) -> None:
    User.objects.create_user("iris", "iris@example.org", PASSWORD)
    answer = client.post("/accounts/login/", {"login": login, "password": PASSWORD})
    assert answer.status_code == 302 and client.get("/").status_code == 200


def test_a_deactivated_person_does_not_get_in(client: Client) -> None:
    User.objects.create_user("jan", "jan@example.org", PASSWORD, is_active=False)
    client.post("/accounts/login/", {"login": "jan", "password": PASSWORD})
    assert client.get("/").status_code == 302


def test_guessing_a_password_is_slowed_down(client: Client) -> None:
    User.objects.create_user("kim", "kim@example.org", PASSWORD)
    for _ in range(12):
        client.post("/accounts/login/", {"login": "kim", "password": "wrong-guess-1"})
    client.post("/accounts/login/", {"login": "kim", "password": PASSWORD})
    assert client.get("/").status_code == 302, "the right password comes too late"


def test_a_forgotten_password_is_set_anew_by_mail(client: Client, settings: Any) -> None:
    settings.PUBLIC_URL = "https://chat.example.org"
    User.objects.create_user("lia", "lia@example.org", PASSWORD)
    client.post("/accounts/password/reset/", {"email": "lia@example.org"}, HTTP_HOST="localhost")
    link = re.search(r"\S+/accounts/password/reset/key/\S+", str(mail.outbox[0].body))
    assert link is not None and link.group().startswith("https://chat.example.org/accounts/")
    form = client.get(path_of(link.group()), follow=True).request["PATH_INFO"]
    client.post(form, {"password1": "another-harbour-42", "password2": "another-harbour-42"})
    assert User.objects.get(username="lia").check_password("another-harbour-42")


def test_nobody_learns_by_a_reset_who_is_here(client: Client) -> None:
    User.objects.create_user("mia", "mia@example.org", PASSWORD)
    known, unknown = (
        client.post("/accounts/password/reset/", {"email": email})
        for email in ("mia@example.org", "nobody@example.org")
    )
    assert (known.status_code, known.headers["Location"]) == (
        unknown.status_code,
        unknown.headers["Location"],
    )


def test_guesses_at_a_name_are_counted_whatever_host_and_case_they_are_sent_to(
    settings: Any,
) -> None:
    """The port that a Host header names is anybody's choice, and none of them begins a count of its own."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    User.objects.create_user("dora", "dora@example.org", PASSWORD)
    told = []
    for number in range(6):
        guess = {"login": "DORA" if number % 2 else "dora", "password": f"guess {number}"}
        client = Client(HTTP_HOST=f"localhost:{7000 + number}", REMOTE_ADDR=f"10.9.9.{number}")
        told.append("Too many" in client.post("/accounts/login/", guess).content.decode())
    assert told == [False] * 5 + [True]
