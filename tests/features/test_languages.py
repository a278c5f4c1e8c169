"""A person is spoken to in their own language, by whichever door and process."""

import pytest

from conversations.models import Preferences
from tests.harness.database import Ground
from tests.harness.people import People, Person
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
