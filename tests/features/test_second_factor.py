"""Second factors: signing in with one, codes that are good once, staff that needs one, a lost one."""

import re
import time
from collections.abc import Iterator
from datetime import timedelta
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlencode

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal import auth
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from conversations import site
from conversations.accounts import guesses, second_factor
from conversations.models import AuditEntry, Image, SiteSettings, User
from tests.features import factor_kit
from tests.features.admin_kit import TABLES, client_of, made, reviewer
from tests.features.factor_kit import CODE, HERE, App, app_of, is_in, said_the_password
from tests.harness.people import PASSWORD

pytestmark = pytest.mark.django_db
DESK = "/admin/"


@pytest.fixture(autouse=True)
def quick_passwords(settings: Any) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(autouse=True)
def settings_of_the_site_anew() -> Iterator[None]:
    """What a test settled is not known by heart in the next."""
    yield
    site.row.forget()


@pytest.fixture
def needed(settings: Any) -> None:
    settings.STAFF_NEED_MFA = True


# Signing in -------------------------------------------------------------------------------------


def test_a_password_alone_does_not_sign_in_who_has_an_app(owner: User) -> None:
    app = app_of(owner)
    client = said_the_password(owner)
    assert not is_in(client)
    assert "Incorrect code" in client.post(CODE, {"code": app.wrong()}).content.decode()
    assert not is_in(client)
    client.post(CODE, {"code": app.code()})
    assert is_in(client)
    entry = AuditEntry.objects.get(action="person.sign_in")
    assert entry.detail == {"by": ["password", "mfa"]}
    assert AuditEntry.objects.get(action="person.sign_in_failed").detail == {"by": "mfa"}


def test_a_code_is_good_once_also_when_the_clock_is_off(
    owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    app, now = app_of(owner), time.time()
    # A code is of half a minute, and the test may take longer than what is left of it.
    monkeypatch.setattr(auth, "time", SimpleNamespace(time=lambda: now))
    monkeypatch.setattr(factor_kit, "time", SimpleNamespace(time=lambda: now))
    for off in (-1, 0):
        code = app.code(off)
        first, second = said_the_password(owner), said_the_password(owner)
        first.post(CODE, {"code": f"{code[:3]} {code[3:]}"})
        assert is_in(first), off
        assert "Incorrect code" in second.post(CODE, {"code": code}).content.decode()
        assert not is_in(second)


def test_guessing_is_stopped_after_a_few_wherever_it_is_tried(owner: User) -> None:
    app = app_of(owner)
    clients = [said_the_password(owner) for _ in range(2)]
    for turn in range(6):
        clients[turn % 2].post(CODE, {"code": app.wrong()})
    answer = clients[0].post(CODE, {"code": app.code()}).content.decode()
    assert "Too many" in answer and not is_in(clients[0])


def wrong_ones(person: User, count: int, **more: Any) -> None:
    """As they stand in the audit: to type them would take a minute for five."""
    for _ in range(count):
        entry = {"action": "person.sign_in_failed", "detail": {"by": "mfa"}, **more}
        AuditEntry.objects.create(owner_id=person.pk, owner=person.username, **entry)


def test_guessing_is_stopped_for_a_day_and_the_administrator_sees_it(
    root: User, owner: User
) -> None:
    app, other = app_of(owner), User.objects.create(username="ben")
    wrong_ones(other, guesses.MOST)
    wrong_ones(owner, guesses.MOST, at=timezone.now() - timedelta(hours=25))
    wrong_ones(owner, guesses.MOST, detail={})  # wrong passwords, which strangers can type, too
    wrong_ones(owner, guesses.MOST - 1)
    client = said_the_password(owner)
    assert "Incorrect code" in client.post(CODE, {"code": app.wrong()}).content.decode()
    answer = client.post(CODE, {"code": app.code()}).content.decode()
    assert "for a day no code is taken" in answer and not is_in(client)
    entry = AuditEntry.objects.get(action="person.codes_used_up")
    assert (entry.owner_id, entry.actor_id, entry.detail) == (owner.pk, None, {"wrong": 20})
    first_page = client_of(root).get(DESK).content.decode()
    assert f"a second factor had been typed for {owner.username}" in first_page
    assert f"{TABLES}user/{owner.pk}/change/" in first_page


def test_what_a_recovery_code_opens_is_guessed_no_longer_either(owner: User) -> None:
    app_of(owner)
    [code, *_rest] = RecoveryCodes.activate(owner).get_unused_codes()
    wrong_ones(owner, guesses.MOST)
    client = said_the_password(owner)
    assert "for a day no code is taken" in client.post(CODE, {"code": code}).content.decode()
    assert not is_in(client)


@pytest.mark.parametrize("by", ["another password", "a factor that was taken"])
def test_with_what_an_administrator_does_about_it_codes_are_taken_again(
    by: str, root: User, owner: User
) -> None:
    wrong_ones(owner, guesses.MOST)
    if by == "another password":
        path = f"{TABLES}user/{owner.pk}/password/"
        new = {"password1": PASSWORD, "password2": PASSWORD, "usable_password": "true"}
        client_of(root).post(path, new)
        assert AuditEntry.objects.filter(action="user.change", owner_id=owner.pk).exists()
        app = app_of(owner)
    else:
        app_of(owner)
        assert second_factor.take_away(owner, root, reason="Lost")
        app = app_of(owner)
    client = said_the_password(owner)
    client.post(CODE, {"code": app.code()})
    assert is_in(client)


def test_who_is_in_stays_in_and_shows_codes_whoever_guesses_outside(
    rita: User, needed: None
) -> None:
    app, client = app_of(rita), client_of(rita)
    wrong_ones(rita, guesses.MOST)
    assert is_in(client)
    client.post(f"{HERE}reauthenticate/", {"code": app.code()})
    assert client.get(DESK).status_code == 200
    wrong_ones(rita, guesses.MOST, actor_id=rita.pk)
    again = client_of(rita)
    answer = again.post(f"{HERE}reauthenticate/", {"code": app.code(1)}).content.decode()
    assert "for a day no code is taken" in answer and is_in(again)
    assert again.get(DESK).status_code == 302


@pytest.mark.parametrize("code", ["", "\0", "\ud800", "٣" * 6, "9" * 5000, "💥"])
def test_what_is_no_code_is_told_so(code: str, owner: User) -> None:
    app_of(owner)
    client = said_the_password(owner)
    typed = urlencode({"code": code.encode("utf-8", "surrogatepass")})
    answer = client.post(CODE, typed, content_type="application/x-www-form-urlencoded")
    assert answer.status_code == 200 and "wrong" in answer.content.decode()
    assert not is_in(client)


def test_an_answer_without_a_code_is_no_way_in(owner: User) -> None:
    app_of(owner)
    client = said_the_password(owner)
    for typed in ({}, {"credential": "{}"}, {"credential": "x"}):
        assert client.post(CODE, typed).status_code in (200, 302, 400)
        assert not is_in(client)


def test_a_recovery_code_signs_in_once_and_is_on_record(owner: User) -> None:
    app_of(owner)
    [code, *rest] = RecoveryCodes.activate(owner).get_unused_codes()
    first, second = said_the_password(owner), said_the_password(owner)
    first.post(CODE, {"code": code})
    second.post(CODE, {"code": code})
    assert is_in(first) and not is_in(second)
    entry = AuditEntry.objects.get(action="person.recovery_code_used")
    assert entry.detail == {"left": len(rest)} and len(rest) == 9


def test_secrets_are_sealed_and_another_key_opens_nothing(owner: User, settings: Any) -> None:
    app = app_of(owner)
    kept = str(Authenticator.objects.get(user=owner).data)
    assert app.secret not in kept
    settings.SECRET_KEY, old = "another key, as long as it has to be", settings.SECRET_KEY
    client = said_the_password(owner)
    assert (
        "cannot read your second factor" in client.post(CODE, {"code": app.code()}).content.decode()
    )
    settings.SECRET_KEY_FALLBACKS = [old]
    client.post(CODE, {"code": app.code()})
    assert is_in(client)


# Setting one up ---------------------------------------------------------------------------------


def _secret(page: str) -> str:
    found = re.search(r'class="secret"[^>]*>(\w+)<', page)
    assert found
    return found[1]


def test_an_app_is_set_up_and_its_codes_are_shown_once(
    owner: User, django_capture_on_commit_callbacks: Any
) -> None:
    client = said_the_password(owner)
    asked: Any = client.get(f"{HERE}totp/activate/")
    assert asked.status_code == 302 and "reauthenticate" in asked.url
    client.post(asked.url, {"password": PASSWORD})
    page = client.get(f"{HERE}totp/activate/").content.decode()
    assert 'src="data:image/svg+xml;base64,' in page
    app = App(_secret(page))
    with django_capture_on_commit_callbacks(execute=True):
        made_up: Any = client.post(f"{HERE}totp/activate/", {"code": app.code()})
    assert made_up.status_code == 302, made_up.content.decode()[:3000]
    shown = client.get(made_up.url).content.decode()
    codes = re.findall(r"<code>(\d{8})</code>", shown)
    assert len(codes) == 10 and "%0A" + codes[9] in shown
    again = client.get(made_up.url).content.decode()
    assert not any(code in again for code in codes)
    assert AuditEntry.objects.filter(action="person.factor_add", owner_id=owner.pk).count() == 1
    elsewhere = said_the_password(owner)
    elsewhere.post(CODE, {"code": app.code()})
    assert not is_in(elsewhere), "the code that set it up was taken again"


def test_taking_it_away_oneself_asks_who_it_is(owner: User) -> None:
    app = app_of(owner)
    client = said_the_password(owner)
    client.post(CODE, {"code": app.code()})
    answer: Any = client.post(f"{HERE}totp/deactivate/")
    assert "reauthenticate" in answer.url and second_factor.has_one(owner)
    client.post(answer.url, {"password": PASSWORD})
    client.post(f"{HERE}totp/deactivate/")
    assert not second_factor.has_one(owner)
    assert AuditEntry.objects.filter(action="person.factor_remove").exists()


# Staff ------------------------------------------------------------------------------------------


def _desk(client: Client, path: str = DESK) -> str:
    """Where the desk leads, empty: it opens."""
    answer: Any = client.get(path, follow=True)
    return answer.redirect_chain[-1][0] if answer.redirect_chain else ""


@pytest.mark.usefixtures("needed")
def test_the_desk_opens_with_a_second_factor_alone(root: User) -> None:
    client = said_the_password(root)
    for path in (DESK, f"{TABLES}user/", f"{TABLES}auditentry/", f"{DESK}stop/", f"{DESK}login/"):
        assert _desk(client, path) == HERE, path
    assert client.post(f"{DESK}stop/", {"reason": "x"}).status_code == 302
    assert site.now().stopped_at is None
    assert is_in(client), "the chat is not the desk"
    app = app_of(root)
    assert _desk(client).startswith(f"{HERE}reauthenticate/")
    client.post(f"{HERE}reauthenticate/", {"code": app.wrong(), "next": DESK})
    assert _desk(client).startswith(f"{HERE}reauthenticate/")
    answer: Any = client.post(f"{HERE}reauthenticate/", {"code": app.code(), "next": DESK})
    assert answer.url == DESK and _desk(client) == ""


@pytest.mark.usefixtures("needed")
def test_who_shows_it_while_signing_in_comes_in_and_without_one_again_not(root: User) -> None:
    app, client = app_of(root), said_the_password(root)
    client.post(CODE, {"code": app.code()})
    assert _desk(client) == ""
    second_factor.take_away(root, None, reason="lost")
    assert _desk(client) == HERE
    app_of(root)
    assert _desk(client).startswith(f"{HERE}reauthenticate/"), "who has the lost one may be here"


def test_an_administrator_asks_for_it_in_the_desk_and_the_environment_stays_above(
    root: User, settings: Any
) -> None:
    client = said_the_password(root)
    assert _desk(client) == ""
    SiteSettings.objects.update_or_create(pk=1, defaults={"staff_need_mfa": True})
    site.row.forget()
    assert _desk(client) == HERE
    SiteSettings.objects.update(staff_need_mfa=False)
    site.row.forget()
    assert _desk(client) == ""
    settings.STAFF_NEED_MFA = True
    assert _desk(client) == HERE


def test_pictures_of_others_are_of_the_desk_too(owner: User, settings: Any) -> None:
    made(owner)
    picture = Image.objects.get(owner=owner)
    SiteSettings.objects.update_or_create(pk=1, defaults={"asks_reason": True})
    site.row.forget()
    client, path = client_of(reviewer()), f"/images/{picture.pk}/thumbnail/"
    assert client.get(path).status_code == 403  # it is there, and has to be opened with a reason
    settings.STAFF_NEED_MFA = True
    assert client.get(path).status_code == 404
    assert client.get(f"/images/{picture.pk}/").status_code == 404


@pytest.mark.usefixtures("needed")
def test_the_way_back_from_the_code_stays_on_this_site(root: User) -> None:
    app_of(root)
    client = client_of(root)
    answer: Any = client.get(f"{DESK}login/", {"next": "https://evil.example/"})
    assert answer.url == f"{HERE}reauthenticate/?next=%2Fadmin%2F"


# Lost -------------------------------------------------------------------------------------------


def test_an_administrator_takes_a_lost_one_away_with_a_reason(root: User, owner: User) -> None:
    app_of(owner)
    chosen = {"action": "take_factor_away", "_selected_action": str(owner.pk)}
    client = client_of(root)
    for more in ({}, {"confirmed": "yes"}, {"confirmed": "yes", "reason": " "}):
        asked = client.post(f"{TABLES}user/", {**chosen, **more}).content.decode()
        assert "for who has lost it" in asked.lower() and second_factor.has_one(owner)
    client.post(f"{TABLES}user/", {**chosen, "confirmed": "yes", "reason": "telephone fell"})
    assert not second_factor.has_one(owner)
    entry = AuditEntry.objects.get(action="person.factor_taken")
    assert (entry.actor, entry.owner, entry.reason) == ("sam", "ada", "telephone fell")
    assert is_in(said_the_password(owner))


def test_the_command_takes_nobody_else_s(root: User) -> None:
    """The upper case of ı is that of i: whoever was here first would be meant by both names."""
    other, lisa = made_up("lısa"), made_up("lisa")
    app_of(other)
    app_of(lisa)
    call_command("take_factor", "Lisa")
    assert second_factor.has_one(other) and not second_factor.has_one(lisa)


def made_up(name: str) -> User:
    return User.objects.create_user(name, f"{len(name.encode())}@example.org", PASSWORD)


def test_the_command_helps_the_last_administrator(root: User) -> None:
    app_of(root)
    call_command("take_factor", "SAM", reason="alone")
    assert not second_factor.has_one(root)
    assert AuditEntry.objects.get(action="person.factor_taken").reason == "alone"
    for name in ("sam", "nobody"):
        with pytest.raises(CommandError):
            call_command("take_factor", name)
