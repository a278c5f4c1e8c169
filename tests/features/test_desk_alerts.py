"""What the first page of the desk says before anything else, and where pages lead that say no."""

from types import SimpleNamespace
from typing import Any

import pytest
from allauth.core.ratelimit import respond_429
from django.contrib.auth.models import AnonymousUser
from django.test import RequestFactory
from django.utils import timezone

from conversations.models import Circuit, Provider, User
from tests.features.admin_kit import TABLES, client_of, reviewer

pytestmark = pytest.mark.django_db
GERMAN = {"accept-language": "de"}
ROOM = 10_000_000_000


@pytest.fixture(autouse=True)
def room(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """The disk as it is in these tests, whatever the machine has left."""
    disk = SimpleNamespace(free=ROOM)
    monkeypatch.setattr("shutil.disk_usage", lambda place: disk)
    return disk


def trouble(**circuit: Any) -> Provider:
    provider = Provider.objects.create(name="harbour", kind="openai")
    Circuit.objects.create(provider=provider, **circuit)
    return provider


def first_page(person: User) -> str:
    return client_of(person).get("/admin/").content.decode()


def test_a_provider_that_is_left_alone_stands_on_the_first_page_with_the_way_to_it(
    root: User,
) -> None:
    assert 'role="alert"' not in first_page(root)
    provider = trouble(opened_at=timezone.now(), left_until=timezone.now(), error="503")
    page = first_page(root)
    assert "The provider harbour has failed again and again since" in page
    assert f'<a href="{TABLES}provider/{provider.pk}/change/">To harbour</a>' in page
    assert "harbour" not in first_page(reviewer())


def test_a_refused_key_stands_there_too_until_its_provider_is_switched_off(root: User) -> None:
    provider = trouble(key_refused_at=timezone.now(), error="401")
    assert "has refused this site&#x27;s key since" in first_page(root)
    Provider.objects.filter(pk=provider.pk).update(is_enabled=False)
    assert "has refused" not in first_page(root)


def test_a_disk_that_is_nearly_full_is_told_before_it_is(root: User, room: SimpleNamespace) -> None:
    room.free = 1_500_000_000
    assert "1.4\xa0GB are left on the disk" in first_page(root)
    assert "left on the disk" not in first_page(reviewer())


def test_a_disk_that_is_away_takes_the_first_page_from_nobody(
    root: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(place: object) -> None:
        raise FileNotFoundError(place)

    monkeypatch.setattr("shutil.disk_usage", away)
    assert client_of(root).get("/admin/").status_code == 200


def test_from_the_numbers_of_a_person_a_link_leads_to_what_is_done_about_them(
    root: User, owner: User
) -> None:
    there = f"{TABLES}user/{owner.pk}/change/"
    assert there not in first_page(root)
    page = client_of(root).get("/admin/", {"person": str(owner.pk)}).content.decode()
    assert f'<a href="{there}">To the page of this person</a>' in page


def test_whoever_comes_too_often_reads_it_on_a_page_of_ours(rf: RequestFactory) -> None:
    request = rf.get("/accounts/password/reset/", headers=GERMAN)
    request.user = AnonymousUser()
    answer = respond_429(request)
    assert answer.status_code == 429 and b'class="sheet' in answer.content


def test_a_page_that_says_no_leads_back_to_where_one_was(root: User, owner: User) -> None:
    for path in ("/admin/nowhere/", "/admin/?range=%00"):
        assert 'href="/admin/">To the administration' in client_of(root).get(path).content.decode()
    assert "To your conversations" in client_of(owner).get("/nowhere/").content.decode()


def test_a_link_that_confirms_nothing_leads_to_where_one_asks_for_another(owner: User) -> None:
    page = client_of(owner).get("/accounts/confirm-email/nothing/").content.decode()
    assert 'href="/settings/"' in page


def test_what_django_says_in_english_only_is_said_in_german_here(root: User) -> None:
    client = client_of(root)
    words = client.get("/admin/jsi18n/", headers=GERMAN).content.decode()
    assert "Alle %s ausw\\u00e4hlen" in words and "Verf\\u00fcgbare %s" in words
    page = client.get(f"{TABLES}user/add/", headers=GERMAN).content.decode()
    assert "Anmelden mit Passwort" in page and "Password-based" not in page
    assert "Speichern und weiteres anlegen" in page and "Sichern" not in page


def test_an_empty_list_says_what_that_means(root: User) -> None:
    page = client_of(root).get(f"{TABLES}budget/").content.decode()
    assert "Everybody may use as much as they like." in page


def test_who_has_to_have_a_second_factor_reads_what_to_do(root: User, settings: Any) -> None:
    settings.STAFF_NEED_MFA = True
    page = client_of(root).get("/admin/", follow=True).content.decode()
    assert "the administration opens once you have set one up" in page
