"""Signing in by OpenID Connect: who comes in, as whom, into which groups; and what is not believed."""

import html
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount
from cryptography.hazmat.primitives.asymmetric import rsa
from django.contrib.auth.models import Group
from django.test import Client

from chatsite.oidc import providers
from conversations.accounts import invitations
from conversations.accounts.invitations import invite, setup_link
from conversations.models import AuditEntry, User
from tests.features.admin_kit import client_of
from tests.features.factor_kit import CODE, app_of, is_in
from tests.features.oidc_kit import CLIENT, SECRET, Provider, back
from tests.harness.people import HASH

pytestmark = pytest.mark.django_db
EMAIL = "ada@corp.example"


@pytest.fixture(scope="module")
def running() -> Iterator[Provider]:
    provider = Provider()
    yield provider
    provider.server.shutdown()
    provider.server.server_close()


@pytest.fixture
def provider(running: Provider, settings: Any) -> Provider:
    running.forget()
    settings.OIDC_ISSUER, settings.OIDC_NAME = running.issuer, "Corp"
    settings.SOCIALACCOUNT_PROVIDERS = providers(running.issuer, CLIENT, SECRET, "Corp")
    settings.SIGNUP = "open"
    return running


def begun(client: Client, then: str = "") -> str:
    """Where the browser is led."""
    page = client.post("/accounts/oidc/", {"next": then})
    assert page.status_code == 200, page.status_code
    [there] = re.findall(r'<a class="button main wide" href="([^"]+)"', page.content.decode())
    return html.unescape(there)


def came_back(provider: Provider, then: str = "") -> tuple[Client, Any]:
    client = client_of(None)
    return client, client.get(back(provider.consent(begun(client, then))))


def refused(provider: Provider) -> str:
    """Nobody came in; what the page says."""
    people = User.objects.count()
    client, answer = came_back(provider)
    assert answer.status_code == 302 and answer.url == "/accounts/login/", answer.content[:400]
    assert not is_in(client) and User.objects.count() == people
    return html.unescape(client.get(answer.url).content.decode())


# Coming in --------------------------------------------------------------------------------------


def test_somebody_new_comes_in_and_is_the_same_the_next_time(provider: Provider) -> None:
    provider.claims |= {"preferred_username": "ada@corp", "email_verified": True}
    client, answer = came_back(provider, then="/settings/")
    assert answer.url == "/settings/" and is_in(client)
    person = User.objects.get(email=EMAIL)
    assert "@" not in person.username and not person.has_usable_password()
    assert AuditEntry.objects.get(action="person.sign_in").detail["by"] == ["oidc"]
    provider.claims["email"] = "ada.new@corp.example"
    assert is_in(came_back(provider)[0])
    assert SocialAccount.objects.get().user == person
    kept = str(SocialAccount.objects.get().extra_data)
    assert "open" not in kept and "nonce" not in kept


def test_the_way_there_has_what_binds_it_to_this_browser(provider: Provider) -> None:
    there = begun(client_of(None))
    assert there.startswith(f"{provider.issuer}/authorization?")
    asked = dict(parse_qsl(urlsplit(there).query))
    assert {"code_challenge", "nonce", "state"} < set(asked) and "openid" in asked["scope"].split()
    assert "evil" not in begun(client_of(None), then="https://evil.example/")
    assert client_of(None).get("/accounts/oidc/").status_code == 405


def test_a_deactivated_person_stays_out_and_a_second_factor_is_asked(provider: Provider) -> None:
    came_back(provider)
    person = User.objects.get(email=EMAIL)
    app = app_of(person)
    client, answer = came_back(provider)
    assert answer.url == CODE and not is_in(client)
    client.post(CODE, {"code": app.code()})
    assert is_in(client)
    User.objects.filter(pk=person.pk).update(is_active=False)
    client, _ = came_back(provider)
    assert not is_in(client)


@pytest.mark.parametrize("site_says", ["invite", "closed"])
def test_who_is_new_needs_what_the_site_asks_for(
    site_says: str, provider: Provider, settings: Any
) -> None:
    settings.SIGNUP = site_says
    assert "not invited" in refused(provider)
    settings.OIDC_SIGNUP = "all"
    assert is_in(came_back(provider)[0])


def test_an_invitation_counts_and_a_setup_link_makes_no_administrator(
    provider: Provider, settings: Any
) -> None:
    settings.SIGNUP = "invite"
    for link in (setup_link(), invite(note="Ada")[1]):
        client = client_of(None)
        client.get(re.sub(r"^https?://[^/]+", "", link))
        client.get(back(provider.consent(begun(client))))
    person = User.objects.get(email=EMAIL)
    assert not person.is_staff and not person.is_superuser and is_in(client)
    assert "not invited" in refused(_another(provider)), "it was good once"


def test_whose_invitation_was_used_meanwhile_is_told_so(
    provider: Provider, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the first look at it and its use."""
    settings.SIGNUP = "invite"
    client = client_of(None)
    client.get(re.sub(r"^https?://[^/]+", "", invite(note="Ada")[1]))
    monkeypatch.setattr(invitations, "accept", lambda token, user: None)
    page = client.get(back(provider.consent(begun(client))), follow=True).content.decode()
    assert "This invitation was used already" in page and "e-mail came in" not in page
    assert not User.objects.filter(email=EMAIL).exists() and not is_in(client)


def _another(provider: Provider) -> Provider:
    provider.claims |= {"sub": "ben-8", "email": "ben@corp.example"}
    return provider


# Whose account it is ----------------------------------------------------------------------------


@pytest.mark.parametrize("verified", [None, False, "true", "false", 1])
def test_an_email_that_is_not_verified_opens_nobodys_account(
    verified: object, provider: Provider
) -> None:
    User.objects.create(username="ada", email=EMAIL, password=HASH)
    provider.claims["email_verified"] = verified
    assert "does not say that it is verified" in refused(provider)
    assert not SocialAccount.objects.exists()


def test_a_verified_email_opens_it_and_ends_a_password_that_somebody_else_may_know(
    provider: Provider,
) -> None:
    known = User.objects.create(username="ada", email=EMAIL, password=HASH)
    EmailAddress.objects.create(user=known, email=EMAIL, verified=False, primary=True)
    squatter = client_of(known)
    provider.claims |= {"email": EMAIL.upper(), "email_verified": True}
    client, _ = came_back(provider)
    assert is_in(client) and SocialAccount.objects.get().user == known
    known.refresh_from_db()
    assert not known.has_usable_password() and not is_in(squatter)


def test_the_same_subject_of_another_issuer_is_somebody_else(
    provider: Provider, settings: Any
) -> None:
    came_back(provider)
    [before] = SocialAccount.objects.values_list("uid", flat=True)
    other = Provider()
    other.claims["email"] = "other@corp.example"
    settings.SOCIALACCOUNT_PROVIDERS = providers(other.issuer, CLIENT, SECRET, "Corp")
    came_back(other)
    other.server.shutdown()
    other.server.server_close()
    assert SocialAccount.objects.exclude(uid=before).get().user.email == "other@corp.example"


# Groups -----------------------------------------------------------------------------------------


def test_groups_that_the_mapping_names_are_put_right_and_others_left(
    provider: Provider, settings: Any
) -> None:
    ours, theirs, own = (Group.objects.create(name=name) for name in ("9b", "9c", "Chess"))
    settings.OIDC_GROUPS = {"/class-9b": "9b", "/class-9c": "9c", "/none": "No such group"}
    provider.claims["groups"] = ["/class-9b", "/none", "Chess", "admin", 7]
    came_back(provider)
    person = User.objects.get(email=EMAIL)
    assert set(person.groups.all()) == {ours}
    person.groups.add(own)
    provider.claims |= {"groups": "/class-9c", "is_superuser": True, "is_staff": True}
    came_back(provider)
    person.refresh_from_db()
    assert set(person.groups.all()) == {theirs, own}
    assert not person.is_staff and not person.is_superuser
    newest = AuditEntry.objects.filter(action="person.groups").order_by("-at")[0]
    assert newest.detail == {"by": "oidc", "come": [theirs.pk], "gone": [ours.pk]}
    count = AuditEntry.objects.filter(action="person.groups").count()
    came_back(provider)
    assert AuditEntry.objects.filter(action="person.groups").count() == count


# What is not believed ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "lie",
    [
        {"nonce": "another"},
        {"nonce": None},
        {"iss": "https://evil.example"},
        {"aud": "another-client"},
        {"aud": [CLIENT, "other"], "azp": "other"},
        {"exp": 1_000_000_000},
        {"exp": None},
        {"iat": 9_000_000_000},
        {"sub": None},
    ],
    ids=str,
)
def test_a_token_that_is_not_for_this_sign_in_is_refused(
    lie: dict[str, Any], provider: Provider
) -> None:
    provider.lies = lie
    assert "Corp could not tell us who you are" in refused(provider)
    assert AuditEntry.objects.get(action="person.sign_in_failed").detail == {"by": "oidc"}


def test_a_token_that_the_provider_did_not_sign_is_refused(provider: Provider) -> None:
    stranger = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    for key, algorithm in ((stranger, "RS256"), (SECRET * 2, "HS256"), (None, "none")):
        provider.signs_with = (key, algorithm)
        assert "could not tell us" in refused(provider), algorithm


@pytest.mark.parametrize(
    ("what", "lie"),
    [
        ("told", {"sub": "somebody-else"}),
        ("config", {"issuer": "https://evil.example"}),
        ("config", {"jwks_uri": "file:///etc/passwd"}),
        ("config", {"jwks_uri": None}),
        ("config", {"token_endpoint": "http://127.0.0.1:1/token"}),
    ],
)
def test_a_provider_that_contradicts_itself_is_refused(
    what: str, lie: dict[str, Any], provider: Provider
) -> None:
    client = client_of(None)
    there = begun(client)
    setattr(provider, what, lie)
    answer: Any = client.get(back(provider.consent(there)))
    assert answer.url == "/accounts/login/" and not is_in(client)
    assert not User.objects.filter(email=EMAIL).exists()


def test_what_came_back_is_good_once_and_in_one_browser(provider: Provider) -> None:
    client, other = client_of(None), client_of(None)
    came = provider.consent(begun(client))
    begun(other)
    for params in (came, {**came, "state": "made-up"}, {"code": came["code"]}, {"state": "\0"}):
        other.get(back(params))
        assert not is_in(other), params
    client.get(back(came))
    assert is_in(client)
    client.logout()
    client.get(back(came))
    assert not is_in(client)


def test_who_changed_their_mind_or_finds_the_provider_away_is_told(
    provider: Provider, settings: Any
) -> None:
    client = client_of(None)
    state = provider.consent(begun(client))["state"]
    answer: Any = client.get(back({"error": "access_denied", "state": state}))
    assert answer.url == "/accounts/login/"
    settings.SOCIALACCOUNT_PROVIDERS = providers("http://127.0.0.1:1", CLIENT, SECRET, "Corp")
    answer = client.post("/accounts/oidc/")
    assert answer.url == "/accounts/login/"
    assert "Corp could not tell us" in client.get(answer.url).content.decode()


def test_without_a_provider_there_is_no_button_and_no_door(
    provider: Provider, settings: Any
) -> None:
    assert "Sign in with Corp" in client_of(None).get("/accounts/login/").content.decode()
    settings.OIDC_NAME, settings.SOCIALACCOUNT_PROVIDERS = "", {}
    assert "/accounts/oidc/" not in client_of(None).get("/accounts/login/").content.decode()
    assert client_of(None).post("/accounts/oidc/").status_code == 404
    assert client_of(None).get("/accounts/oidc/back/").status_code == 404
