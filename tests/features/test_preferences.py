"""How a person likes it: kept over the API and over the page, and read by the model."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from html import unescape
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from conversations.accounts.erase import erase
from conversations.api import own_shapes
from conversations.models import Preferences, SavedPrompt, User
from tests.features.test_api_shapes import fits, talk
from tests.harness.database import Ground
from tests.harness.people import People, Person
from tests.stub_provider import Model

NOTHING = {"system_prompt": "", "time_zone": "", "language": "", "model": ""}


def choose(person: Person, **wishes: Any) -> dict[str, Any]:
    return dict(person.api("PATCH", "me", json={"preferences": wishes})["preferences"])


def first_read(model: Model, person: Person, **fields: Any) -> list[tuple[str, str]]:
    """What stands before the question in what the model reads."""
    script = model.will_say("Yes.")
    person.api("POST", "messages", json={"text": script.question, "wait": True, **fields})
    [request] = script.requests
    assert request.said()[-1] == ("user", script.question)
    return request.said()[:-1]


def test_who_never_chose_has_what_is_usual(ada: Person) -> None:
    me = ada.api("GET", "me")
    fits(me, own_shapes.Person)
    assert (me["id"], me["name"], me["preferences"]) == (ada.id, ada.name, NOTHING)


def test_what_is_not_named_stays_as_it_is(ada: Person, ben: Person) -> None:
    assert choose(ada, language="de") == {**NOTHING, "language": "de"}
    changed = choose(ada, time_zone="Europe/Berlin", model="gpt-4o")
    assert changed == {**NOTHING, "language": "de"} | {
        "time_zone": "Europe/Berlin",
        "model": "gpt-4o",
    }
    assert ada.api("GET", "me")["preferences"] == changed
    assert ben.api("GET", "me")["preferences"] == NOTHING


@pytest.mark.parametrize(
    ("wish", "sentence"),
    [
        ({"time_zone": "Europe/Atlantis"}, "This time zone is not known here."),
        ({"time_zone": "../../etc/passwd"}, "This time zone is not known here."),
        ({"time_zone": None}, "This has to be text."),
        ({"language": "tlh"}, "This has to be '', 'en' or 'de'."),
        ({"system_prompt": "x" * 8001}, "This is too long: 8000 characters at most."),
        ({"colour": "red"}, "This field is not known here."),
    ],
)
def test_what_cannot_be_kept_is_refused_and_nothing_changes(
    ada: Person, wish: dict[str, Any], sentence: str
) -> None:
    body = {"preferences": {"language": "en", **wish}}
    error = ada.api("PATCH", "me", json=body, expect=400)["error"]
    assert error["fields"] == {"preferences": [sentence]}
    assert ada.api("GET", "me")["preferences"] == NOTHING


def test_two_tabs_that_choose_at_once_for_the_first_time_both_choose(ada: Person) -> None:
    wishes = [{"language": "de"}, {"system_prompt": "Be brief."}, {"model": "gpt-4o"}]
    tabs = [ada.at(ada.server) for _ in wishes]
    with ThreadPoolExecutor(len(wishes)) as pool:
        list(pool.map(lambda tab, wish: choose(tab, **wish), tabs, wishes))
    expected = {name: value for wish in wishes for name, value in wish.items()}
    assert ada.api("GET", "me")["preferences"] == {**NOTHING, **expected}
    for tab in tabs:
        tab.leave()


def test_what_a_person_chose_and_saved_goes_with_them(people: People, ground: Ground) -> None:
    ben = people.new("ben")
    choose(ben, language="de")
    ben.api("POST", "prompts", json={"name": "letter", "text": "Dear"}, expect=201)
    user, id = ben.user, ben.id
    assert user is not None and len(ground.rows(SavedPrompt, owner_id=id)) == 1
    ground.run(lambda: erase(user))
    assert ground.rows(Preferences, user_id=id) == []
    assert ground.rows(SavedPrompt, owner_id=id) == []


def test_a_model_that_is_not_there_cannot_be_chosen(ada: Person) -> None:
    body = {"preferences": {"model": "gpt-1"}}
    assert ada.api("PATCH", "me", json=body, expect=400)["error"]["code"] == "model_unavailable"


def test_characters_that_cannot_be_kept_are_taken_out(ada: Person) -> None:
    body = b'{"preferences": {"system_prompt": "Be\\u0000 kind\\ud800."}}'
    headers = {"Content-Type": "application/json"}
    assert ada.http.patch("/api/v1/me", content=body, headers=headers).is_success
    assert ada.api("GET", "me")["preferences"]["system_prompt"] == "Be kind."


def test_the_model_reads_the_person_then_the_conversation_then_the_day(
    ada: Person, model: Model
) -> None:
    choose(ada, system_prompt="I am a carpenter.", time_zone="Pacific/Kiritimati")
    made = {"system_prompt": "Speak like a pirate."}
    conversation = ada.api("POST", "conversations", json=made, expect=201)["id"]
    zone = ZoneInfo("Pacific/Kiritimati")
    days = {f"{datetime.now(zone):%A, {datetime.now(zone).day} %B %Y}"}
    [(role, read)] = first_read(model, ada, conversation=conversation)
    days.add(f"{datetime.now(zone):%A, {datetime.now(zone).day} %B %Y}")
    assert role == "system"
    person, talk, today = read.split("\n\n")
    assert (person, talk) == ("I am a carpenter.", "Speak like a pirate.")
    assert today in {f"Today is {day} (Pacific/Kiritimati)." for day in days}


def test_the_model_reads_no_instructions_where_there_are_none(ada: Person, model: Model) -> None:
    assert first_read(model, ada) == []
    choose(ada, system_prompt="  \n ")
    assert first_read(model, ada) == []


def test_a_new_wording_is_read_in_old_conversations_too(ada: Person, model: Model) -> None:
    conversation = talk(ada, model)["conversation"]["id"]
    choose(ada, system_prompt="Be brief.")
    assert first_read(model, ada, conversation=conversation)[0] == ("system", "Be brief.")


# The page -----------------------------------------------------------------------------------------


def test_the_forms_of_the_page_work_without_a_script(ada: Person) -> None:
    form = {"part": "instructions", "system_prompt": "\r\nTwo\r\nlines <b>&</b>"}
    answer = ada.http.post("/settings/preferences/", data=form)
    assert answer.headers["location"] == "/settings/?kept=instructions#instructions"
    assert ada.api("GET", "me")["preferences"]["system_prompt"] == "\nTwo\nlines <b>&</b>"
    page = ada.http.get("/settings/?kept=instructions").text
    assert "Two\nlines <b>&</b></textarea>" in unescape(page) and "Saved." in page
    assert "<b>&</b></textarea>" not in page


def test_a_form_that_cannot_be_kept_comes_back_as_it_was_typed(ada: Person) -> None:
    choose(ada, time_zone="Asia/Tokyo")
    form = {"part": "language", "language": "de", "time_zone": "Europe/Atlantis"}
    answer = ada.http.post("/settings/preferences/", data=form)
    assert answer.status_code == 400
    assert "This time zone is not known here." in answer.text
    assert '<option value="de" selected>' in answer.text
    assert ada.api("GET", "me")["preferences"]["time_zone"] == "Asia/Tokyo"


def test_a_form_leads_nowhere_else(ada: Person) -> None:
    form = {"part": "//evil.test/\r\nX: y", "language": "en"}
    answer = ada.http.post("/settings/preferences/", data=form)
    assert answer.headers["location"] == "/settings/?kept=#"


def test_dates_on_pages_are_those_of_the_persons_zone_and_of_nobody_else(
    ada: Person, ben: Person, ground: Ground
) -> None:
    late = datetime(2026, 3, 31, 23, 30, tzinfo=UTC)
    people = User.objects.filter(pk__in=[ada.id, ben.id])
    ground.run(lambda: people.update(told_of_review_at=late))
    choose(ada, time_zone="Asia/Tokyo")
    for _ in range(2):
        assert "April 1, 2026" in ada.http.get("/settings/").text
        assert "March 31, 2026" in ben.http.get("/settings/").text
