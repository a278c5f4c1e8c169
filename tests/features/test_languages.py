"""A person is spoken to in their own language, by whichever door and process."""

import httpx
import pytest
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from django.utils.translation import get_language, override

from conversations.db import DATABASE_AWAY
from conversations.models import Preferences
from conversations.web.away import unavailable
from conversations.web.errors import server_error
from tests.harness.database import Ground
from tests.harness.people import People, Person
from tests.harness.server import Server
from tests.stub_provider import Model

SWISS = {"Accept-Language": "de-CH, de;q=0.9, en;q=0.5"}
ENGLISH = {"Accept-Language": "en"}
NO_CONVERSATION = "Diese Unterhaltung gibt es hier nicht (mehr)."
NOWHERE = "/api/v1/conversations/0190c0de-0000-7000-8000-000000000000"


def choose(ground: Ground, person: Person, language: str) -> None:
    ground.run(
        lambda: Preferences.objects.update_or_create(
            user_id=person.id, defaults={"language": language}
        )
    )


def test_a_browser_is_answered_in_the_language_it_asks_for(people: People) -> None:
    stranger = people.stranger()
    page = stranger.http.get("/accounts/login/", headers=SWISS)
    assert '<html lang="de"' in page.text and "Passwort" in page.text
    assert "Accept-Language" in page.headers["Vary"]
    assert '<html lang="en"' in stranger.http.get("/accounts/login/").text


def test_what_a_person_chose_goes_before_what_the_browser_asks_for(
    ada: Person, ground: Ground
) -> None:
    assert ada.http.get(NOWHERE, headers=SWISS).json()["error"]["message"] == NO_CONVERSATION
    choose(ground, ada, "de")
    assert ada.http.get(NOWHERE, headers=ENGLISH).json()["error"]["message"] == NO_CONVERSATION
    assert '<html lang="de"' in ada.http.get("/", headers=ENGLISH).text


def test_a_body_that_no_view_sees_is_refused_in_the_language_of_its_sender(server: Server) -> None:
    url, large = f"{server.origin}/accounts/login/", b"x" * 70_000
    german = httpx.post(url, content=large, headers=SWISS).json()["error"]
    assert german["code"] == "too_large" and german["message"].startswith("Das ist mehr, als")
    chosen = {**SWISS, "Cookie": "django_language=en"}
    english = httpx.post(url, content=large, headers=chosen).json()["error"]
    assert english["message"].startswith("This is more than")


def test_what_is_refused_before_a_view_is_asked_is_said_in_that_language_too(
    server: Server,
) -> None:
    page = httpx.get(f"{server.origin}/", headers={**SWISS, "Host": "elsewhere.example"})
    assert page.status_code == 400
    assert '<html lang="de"' in page.text and "Unverständliches gesendet" in page.text


def test_a_page_that_broke_says_so_in_that_language(rf: RequestFactory) -> None:
    request = rf.get("/", headers=SWISS)
    for page in (server_error(request), _while_away(request)):
        text = page.content.decode()
        assert page.status_code >= 500 and '<html lang="de"' in text
        assert "Erneut versuchen" in text
    assert get_language() == "en", "the thread serves somebody else next"


def _while_away(request: HttpRequest) -> HttpResponse:
    with override("de"):  # as Django's middleware, which comes before, has found out
        page = unavailable(request, DATABASE_AWAY)
    assert "Die Datenbank" in page.content.decode()
    return page


def test_a_page_brings_what_its_scripts_say_in_another_language_only(
    ada: Person, ground: Ground
) -> None:
    assert 'id="catalogue"' not in ada.http.get("/").text
    choose(ground, ada, "de")
    page = ada.http.get("/").text
    assert 'id="catalogue"' in page and "Verbinde neu" in page


def test_a_field_is_told_of_in_ones_language_with_its_numbers(ada: Person) -> None:
    answer = ada.http.post(
        "/api/v1/messages", json={"text": "x", "options": {"temperature": 3}}, headers=SWISS
    )
    fields = answer.json()["error"]["fields"]
    assert fields == {"options.temperature": ["Das muss 2.0 oder weniger sein."]}


@pytest.mark.parametrize("chosen", ["de", ""])
def test_a_socket_speaks_the_language_of_who_opened_it(
    ada: Person, ground: Ground, chosen: str
) -> None:
    choose(ground, ada, chosen)
    refused = ada.socket().refusal("conversation.open", conversation=NOWHERE[-36:], have={})
    english = "This conversation is not here (any more)."
    assert refused["message"] == (NO_CONVERSATION if chosen else english)


def test_what_went_wrong_with_an_answer_is_said_in_the_language_of_who_asked(
    ada: Person, ground: Ground, model: Model
) -> None:
    choose(ground, ada, "de")
    asked = ada.ask(model.will_fail(401)).finish()
    said = asked.stored()["error"]["message"]
    assert said.startswith("Der Anbieter akzeptiert den Schlüssel dieser Seite nicht.")
