"""What is settled for the site is seen at once: its name, its banner, who may sign up and what is shared."""

from http import HTTPStatus
from typing import Any

import pytest
from django.core import mail
from django.test import Client

from conversations import access, site
from conversations.errors import NotFound, NotLoggedIn
from conversations.models import SiteSettings, User
from conversations.provider import catalogue
from conversations.reading.site_object import banner_object, site_object
from conversations.runs import alarm
from tests.features.admin_kit import client_of
from tests.harness.database import Ground
from tests.harness.people import Person

NOTICE = "Down at noon, see https://status.example.org/now?a=1&b=2. <b>Bye</b> javascript:alert(1)"


@pytest.fixture
def settled(db: None) -> Any:
    def settle(**values: Any) -> None:
        SiteSettings.objects.update_or_create(defaults=values)

    return settle


def shown(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == HTTPStatus.OK
    return answer.content.decode()


def test_its_name_is_said_wherever_the_site_is_named(settled: Any, root: User, owner: User) -> None:
    settled(name="Harbour & Co")
    assert "<title>Sign in · Harbour &amp; Co</title>" in shown(client_of(None), "/accounts/login/")
    assert client_of(None).get("/manifest.webmanifest").json()["name"] == "Harbour & Co"
    assert "<i></i>Harbour &amp; Co</a>" in shown(client_of(owner), "/")
    desk = shown(client_of(root), "/admin/")
    assert "Harbour &amp; Co</title>" in desk and ">Harbour &amp; Co</a>" in desk


def test_its_mails_are_from_it(settled: Any, owner: User, monkeypatch: pytest.MonkeyPatch) -> None:
    settled(name="Hafen Süd")
    client_of(None).post("/accounts/password/reset/", {"email": owner.email})
    [letter] = mail.outbox
    assert "Hello from Hafen Süd!" in letter.body
    assert letter.message()["From"].startswith("=?utf-8?") and "@" in letter.from_email
    monkeypatch.setattr(site.row, "_last", SiteSettings.objects.get())  # as with the commit
    alarm.mail(["root@example.org"], "The key is refused", "It is.")
    assert mail.outbox[1].from_email == letter.from_email


def test_the_banner_stands_where_one_signs_in_in_the_chat_and_on_the_desk(
    settled: Any, root: User, owner: User
) -> None:
    settled(banner=NOTICE, banner_tone="warning")
    for client, path in (
        (None, "/accounts/login/"),
        (owner, "/"),
        (owner, "/settings/"),
        (root, "/admin/"),
    ):
        page = shown(client_of(client), path)
        assert 'data-tone="warning"' in page and 'role="status" dir="auto">Down at noon' in page
        assert 'href="https://status.example.org/now?a=1&amp;b=2"' in page
        assert "&lt;b&gt;Bye&lt;/b&gt; javascript:alert(1)" in page and "<b>Bye" not in page


def test_the_page_without_a_line_says_no_banner(settled: Any) -> None:
    settled(banner=NOTICE)
    assert "Down at noon" not in shown(client_of(None), "/offline/")


def test_put_away_it_stays_away_until_it_says_something_else(settled: Any, owner: User) -> None:
    settled(banner="Down at noon.")
    client = client_of(owner)
    read = banner_object(site.now())
    assert read is not None
    answer = client.post("/banner/away/", {"which": read["id"], "next": "/settings/"})
    assert answer.headers["Location"] == "/settings/"
    assert "Down at noon." not in shown(client, "/settings/")
    settled(banner="Up again.")
    assert "Up again." in shown(client, "/settings/")


def test_the_way_to_a_real_model_is_shown_to_who_can_go_it(root: User, owner: User) -> None:
    for person, is_shown in ((root, True), (owner, False)):
        assert ("Connect a real one" in shown(client_of(person), "/")) is is_shown


def test_where_nobody_may_sign_up_nobody_is_sent_for_an_invitation(settled: Any) -> None:
    guest = client_of(None)
    for signup, is_closed in (("closed", True), ("invite", False)):
        settled(signup=signup)
        page = shown(guest, "/accounts/signup/")
        assert ("Nobody can make an account" in page) is is_closed
        assert ("invitation link" in page) is not is_closed
        assert ("New here?" in shown(guest, "/accounts/login/")) is not is_closed


@pytest.mark.parametrize(
    "there", ["https://evil.example/", "//evil.example", "/\\evil.example", ""]
)
def test_who_puts_it_away_stays_on_this_site(settled: Any, there: str) -> None:
    settled(banner="Down at noon.")
    answer = client_of(None).post("/banner/away/", {"which": "another", "next": there})
    assert answer.headers["Location"] == "/" and "banner" not in answer.cookies


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("text", "links"),
    [
        ("(https://a.example/b).", ["https://a.example/b"]),
        ("https://a.example, https://b.example!", ["https://a.example", "https://b.example"]),
        ("http://a.example ftp://b https:// www.c.example", []),
        ('https://a.example"onclick=x', ["https://a.example"]),
    ],
)
def test_of_plain_text_only_addresses_are_links(text: str, links: list[str]) -> None:
    banner = banner_object(site.Site(SiteSettings(banner=text)))
    assert banner is not None
    assert [part["href"] for part in banner["parts"] if "href" in part] == links
    assert "".join(part["text"] for part in banner["parts"]) == text


# What it decides ---------------------------------------------------------------------------------


@pytest.mark.parametrize("otherwise", ["open", "closed"])
def test_who_may_sign_up_is_settled_here(settled: Any, settings: Any, otherwise: str) -> None:
    settings.SIGNUP = otherwise
    settled(signup="closed" if otherwise == "open" else "open")
    form = 'name="password1"' in shown(client_of(None), "/accounts/signup/")
    assert form is (otherwise == "closed")


def test_who_may_open_a_link_is_settled_here(settled: Any, settings: Any) -> None:
    settings.SHARING = "public"
    settled(sharing="signed_in")
    with pytest.raises(NotLoggedIn):
        access.share_behind("whatever", None)
    settled(sharing="off")
    with pytest.raises(NotFound):
        access.share_behind("whatever", None)


def test_the_usual_model_is_settled_here_where_one_may_use_it(
    settled: Any, owner: User, openai_connected: None, settings: Any
) -> None:
    settings.DEFAULT_MODEL = "gpt-4o"
    other = next(id for id in catalogue.known().entries if id != "gpt-4o")
    assert catalogue.default_model(owner).id == "gpt-4o"
    settled(default_model=other)
    assert catalogue.default_model(owner).id == other
    settled(default_model="gone-since")
    assert catalogue.default_model(owner).id == "gpt-4o"


# In another process, and in pages that are open ---------------------------------------------------


@pytest.fixture
def elsewhere(ground: Ground, nothing_settled: None) -> Any:
    """Saved in this process; the server is another one."""

    def settle(**values: Any) -> None:
        ground.run(lambda: SiteSettings.objects.update_or_create(defaults=values))

    return settle


def test_a_page_that_is_open_hears_of_it_and_one_that_comes_back_too(
    ada: Person, elsewhere: Any
) -> None:
    tab = ada.socket(ready=False)
    assert tab.until("ready")["site"] == {"name": "Chatsite", "banner": None, "stopped": None}
    elsewhere(name="Harbour", banner="Down at noon.")
    told = tab.until("site.updated")["site"]
    assert told == site_object(site.Site(SiteSettings(name="Harbour", banner="Down at noon.")))
    assert ada.socket(ready=False).until("ready")["site"] == told
    assert "Harbour" in ada.http.get("/").text
