"""Signed out everywhere: by oneself but here, by an administrator altogether; and who takes all along."""

import io
import zipfile
from http import HTTPStatus
from typing import Any

import pytest
from allauth.usersessions.models import UserSession
from django.contrib.auth.models import Permission
from django.core.cache import cache
from django.test import Client

from conversations.admin import people_actions
from conversations.chat.export import archive, stream
from conversations.chat.export.stream import Stream
from conversations.errors import NotLoggedIn
from conversations.models import AuditEntry, User
from tests.features.admin_kit import TABLES, client_of
from tests.harness.database import Ground
from tests.harness.people import PASSWORD, People, Person, sign_in
from tests.stub_provider import Model

WHY = {"confirmed": "yes", "reason": "Lost a laptop"}


def elsewhere(ada: Person, ground: Ground) -> Person:
    """The same person with another browser, of which no list knows."""
    user = ada.user
    assert user is not None
    return Person(ada.name, ada.server, ground, user, ground.run(lambda: sign_in(user)))


def test_one_signs_out_everywhere_else_and_stays_here(ada: Person, ground: Ground) -> None:
    other = elsewhere(ada, ground)
    here, there = ada.socket(), other.socket()
    page = ada.http.post("/settings/devices/").headers["location"]
    assert "nowhere else" in ada.http.get(page).text
    assert there.close_code() == 4401
    assert other.http.get("/api/v1/me").status_code == HTTPStatus.UNAUTHORIZED
    here.send({"type": "ping", "id": "still-here"})
    here.until("pong")
    found = ground.row(AuditEntry, action="person.sign_out_everywhere", actor_id=ada.id)
    assert found.detail == {"but_this": True}
    other.leave()


def test_an_administrator_signs_somebody_out_everywhere(
    ada: Person, people: People, ground: Ground
) -> None:
    sam = people.new("sam", is_staff=True, is_superuser=True)
    socket = ada.socket()
    chosen = {"action": "sign_out", "_selected_action": ada.id}
    assert "Say why" in sam.http.post(f"{TABLES}user/", data={**chosen, "confirmed": "yes"}).text
    assert ada.http.get("/api/v1/me").status_code == HTTPStatus.OK
    sam.http.post(f"{TABLES}user/", data={**chosen, **WHY})
    assert socket.close_code() == 4401
    assert ada.http.get("/api/v1/me").status_code == HTTPStatus.UNAUTHORIZED
    found = ground.row(AuditEntry, action="person.sign_out_everywhere", owner_id=ada.id)
    assert (found.actor, found.reason) == (sam.name, "Lost a laptop")


def test_an_administrator_takes_along_what_is_somebodys_on_record(
    ada: Person, people: People, ground: Ground, model: Model
) -> None:
    ada.ask(model.will_say("A lighthouse."))
    sam = people.new("sam", is_staff=True, is_superuser=True)
    chosen = {"action": "take_along", "_selected_action": ada.id}
    answer = sam.http.post(f"{TABLES}user/", data={**chosen, **WHY})
    archive = zipfile.ZipFile(io.BytesIO(answer.content))
    assert archive.testzip() is None
    assert b"A lighthouse." in archive.read("conversations.json")
    assert ada.name.encode() in archive.read("account.json")
    found = ground.row(AuditEntry, action="person.export", owner_id=ada.id)
    assert (found.actor, found.acted_as, found.reason) == (sam.name, "administrator", WHY["reason"])


@pytest.mark.django_db
def test_who_may_edit_people_does_not_get_all_their_words(owner: User, root: User) -> None:
    clerk = User.objects.create(username="clerk", is_staff=True)
    clerk.user_permissions.set(Permission.objects.filter(codename__endswith="_user"))
    chosen = {"action": "take_along", "_selected_action": str(owner.pk), **WHY}
    answer = client_of(clerk).post(f"{TABLES}user/", chosen, follow=True)
    assert answer["Content-Type"].startswith("text/html")
    over = {"action": "stop_answers", "_selected_action": str(root.pk), **WHY}
    assert (
        "Nobody of them"
        in client_of(clerk).post(f"{TABLES}user/", over, follow=True).content.decode()
    )
    assert not AuditEntry.objects.filter(action__in=("person.export", "person.stop")).exists()


@pytest.mark.django_db
def test_an_export_breaks_off_when_who_asked_for_it_is_deactivated(
    owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream, "LOOK_SECONDS", 0)
    under_way = Stream(owner, (piece for piece in (b"one", b"two")))
    under_way._look()
    User.objects.filter(pk=owner.pk).update(is_active=False)
    with pytest.raises(NotLoggedIn):
        under_way._look()
    under_way.close()


@pytest.mark.django_db
def test_the_settings_say_where_one_is_signed_in(owner: User) -> None:
    cache.clear()
    browsers = [Client(headers={"user-agent": f"Browser {number}"}) for number in (1, 2)]
    for browser in browsers:
        browser.post("/accounts/login/", {"login": "ada", "password": PASSWORD})
    page = browsers[0].get("/settings/").content.decode()
    assert "Browser 1" in page and "Browser 2" in page and page.count("<strong>This browser") == 1
    browsers[1].post("/accounts/logout/")
    assert "Browser 2" not in browsers[0].get("/settings/").content.decode()
    assert UserSession.objects.filter(user=owner).count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize("right", ["is_superuser", "is_staff", "is_active"])
def test_all_that_is_somebodys_breaks_off_for_who_is_no_administrator_any_more(
    right: str, owner: User, root: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun: list[Stream] = []

    class Kept(Stream):
        def __init__(self, *args: Any) -> None:
            super().__init__(*args)
            begun.append(self)

    monkeypatch.setattr(stream, "LOOK_SECONDS", 0)
    monkeypatch.setattr(people_actions, "Stream", Kept)
    monkeypatch.setattr(people_actions, "in_transaction", lambda *_, **__: None)
    monkeypatch.setattr(archive, "of_all", lambda *_, **__: (one for one in (b"one", b"two")))
    chosen = {"action": "take_along", "_selected_action": str(owner.pk), **WHY}
    client_of(root).post(f"{TABLES}user/", chosen)
    [one] = begun
    one._look()
    User.objects.filter(pk=root.pk).update(**{right: False})
    with pytest.raises(NotLoggedIn):
        one._look()
