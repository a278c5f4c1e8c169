"""Questions about pictures by one click: what is offered, what goes with an answer, who looks after it."""

from importlib import import_module
from typing import Any

import pytest

from conversations.api import own_shapes, shapes
from conversations.models import AuditEntry, PictureQuestion, User
from conversations.models.conversation import Asks
from conversations.reading.picture_questions import USUAL
from tests.features.admin_kit import TABLES, client_of
from tests.features.test_api_shapes import fits
from tests.harness.database import Ground
from tests.harness.people import Person
from tests.harness.pictures import png
from tests.stub_provider import Model


def offered(person: Person, language: str = "en") -> list[dict[str, Any]]:
    page = person.http.get("/api/v1/picture-questions", headers={"Accept-Language": language})
    assert page.status_code == 200
    return list(page.json()["items"])


def test_six_questions_are_there_from_the_beginning(ada: Person) -> None:
    items = offered(ada)
    fits(ada.api("GET", "picture-questions"), shapes.Page[own_shapes.PictureQuestion])
    assert {item["name"]: item["text"] for item in items} == USUAL
    kinds = [item["kind"] for item in items]
    assert kinds == ["answer", "text", "table", "answer", "compare", "alt"]
    assert [item["least"] for item in items] == [1, 1, 1, 1, 2, 1]


def test_what_was_left_as_it_was_is_said_in_the_language_of_the_person(
    ada: Person, ground: Ground
) -> None:
    german = {item["id"]: item for item in offered(ada, "de")}
    english = {item["id"]: item for item in offered(ada)}
    assert all(german[id]["text"] != english[id]["text"] for id in english)
    row = PictureQuestion(name="Describe", text="Say it in rhyme.", position=1)
    ground.run(row.save)
    try:
        [first, *_rest] = offered(ada, "de")
        assert (first["text"], first["name"]) == ("Say it in rhyme.", "Beschreiben")
        ground.run(lambda: PictureQuestion.objects.filter(pk=row.pk).update(enabled=False))
        assert str(row.pk) not in {item["id"] for item in offered(ada)}
    finally:
        ground.run(row.delete)


def test_the_migration_and_the_catalogues_know_the_same_sentences() -> None:
    brought = import_module("conversations.migrations.0028_picture_questions").USUAL
    assert {name: text for name, _kind, _least, text in brought} == USUAL


def test_what_an_answer_is_for_stays_with_question_and_answer(ada: Person, model: Model) -> None:
    image = ada.upload(png(50, 40))
    script = model.will_say("a,b\n1,2")
    asked = {"text": script.question, "images": [image["id"]], "asks": "table", "wait": True}
    sent = ada.api("POST", "messages", json=asked)
    assert (sent["user_message"]["asks"], sent["message"]["asks"]) == ("table", "table")
    place = f"conversations/{sent['conversation']['id']}/messages"
    assert [one["asks"] for one in ada.api("GET", place)["items"]] == ["table", "table"]
    other = model.will_say("c,d")
    edit = {"message": sent["user_message"]["id"], "text": other.question, "wait": True}
    edited = ada.api("POST", "edits", json=edit)
    assert (edited["user_message"]["asks"], edited["message"]["asks"]) == ("table", "table")


@pytest.mark.parametrize("wrong", ["poem", "", 7, ["text"], "text\x00x"])
def test_what_no_answer_is_for_is_refused(ada: Person, wrong: Any) -> None:
    error = ada.api("POST", "messages", json={"text": "x", "asks": wrong}, expect=400)["error"]
    assert list(error["fields"]) == ["asks"]
    assert ada.api("GET", "conversations")["items"] == []


def test_who_says_nothing_of_it_has_nothing(ada: Person, model: Model) -> None:
    script = model.will_say("Hello.")
    sent = ada.api("POST", "messages", json={"text": script.question, "wait": True})
    assert (sent["message"]["asks"], sent["message"]["sight"]) == (None, None)


@pytest.mark.django_db
def test_an_administrator_adds_changes_and_takes_away(root: User) -> None:
    client, table = client_of(root), f"{TABLES}picturequestion/"
    fields = {"name": "Count", "text": "How many are there?", "kind": "answer", "least": 1}
    right = {**fields, "position": 5, "enabled": "on"}
    wrongs: list[dict[str, Any]] = [
        {"least": 0},
        {"least": 11},
        {"kind": "poem"},
        {"text": " "},
        {"text": "x" * 4001},
    ]
    for wrong in wrongs:
        assert client.post(f"{table}add/", {**right, **wrong}).status_code == 200
    assert client.post(f"{table}add/", right).status_code == 302
    made = PictureQuestion.objects.get(name="Count")
    assert (made.kind, made.enabled) == (Asks.ANSWER, True)
    page = client.get(table).content.decode()
    assert page.index("Count") < page.index("Describe what is to be seen here.")
    client.post(f"{table}{made.pk}/change/", {**right, "text": "How many dots?"})
    made.refresh_from_db()
    assert made.text == "How many dots?"
    client.post(f"{table}{made.pk}/delete/", {"post": "yes"})
    assert not PictureQuestion.objects.filter(pk=made.pk).exists()
    actions = AuditEntry.objects.filter(object_id=str(made.pk)).values_list("action", flat=True)
    assert sorted(actions) == [f"picturequestion.{did}" for did in ("add", "change", "delete")]
