"""The calls of the API give what PROTOCOL.md says, and OpenAPI describes what they give."""

from typing import Any

import pytest
from pydantic import BaseModel, TypeAdapter

from conversations.api import own_shapes, picture_shapes, shapes
from tests.harness.people import Person
from tests.harness.pictures import png
from tests.stub_provider import Model

NOBODY = "01890000-0000-7000-8000-000000000000"


def fits(value: Any, shape: Any) -> None:
    """`value` has the fields of the description, each of them and no other, with their types."""
    known = TypeAdapter(shape).validate_python(value, strict=True)
    assert _dumped(known) == value


def _dumped(value: Any) -> Any:
    return value.model_dump() if isinstance(value, BaseModel) else value


def talk(ada: Person, model: Model, said: str = "Hello.", **fields: Any) -> dict[str, Any]:
    script = model.will_say(said)
    asked = {"text": script.question, "wait": True, **fields}
    return dict(ada.api("POST", "messages", json=asked))


def test_models_say_what_they_can_and_what_they_cost(ada: Person) -> None:
    page = ada.api("GET", "models")
    fits(page, shapes.Page[shapes.Model])
    known = {item["id"]: item for item in page["items"]}["gpt-4o-mini"]
    assert known["prices"] == {"input": "0.15", "cached_input": "0.075", "output": "0.60"}
    assert known["capabilities"] == sorted(known["capabilities"])
    assert page["next"] is None


def test_a_question_with_wait_comes_back_with_its_answer(ada: Person, model: Model) -> None:
    sent = talk(ada, model, "It is Friday.")
    fits(sent, shapes.Sent)
    assert sent["message"]["text"] == "It is Friday."
    assert sent["message"]["status"] == sent["run"]["status"] == "complete"
    assert sent["message"]["parent"] == sent["user_message"]["id"]
    assert sent["message"]["usage"]["input_tokens"] > 0
    assert sent["conversation"]["active_message"] == sent["message"]["id"]


def test_conversations_are_made_read_changed_and_deleted(ada: Person) -> None:
    made = ada.api("POST", "conversations", json={"title": "Boats", "pinned": True}, expect=201)
    fits(made, shapes.Conversation)
    one = f"conversations/{made['id']}"
    assert ada.api("GET", one) == made
    options = {"temperature": 0.5}
    changed = ada.api("PATCH", one, json={"title": "Ships", "archived": True, "options": options})
    assert changed == {**made, "title": "Ships", "archived": True, "options": options}
    assert ada.api("GET", "conversations")["items"] == []
    assert ada.api("GET", "conversations?archived=true")["items"] == [changed]
    assert ada.api("DELETE", one, expect=204) is None
    ada.api("GET", one, expect=404)


def test_a_conversation_needs_nothing_to_begin(ada: Person) -> None:
    made = ada.api("POST", "conversations", expect=201)
    assert made["title"] == "" and made["model"]
    assert ada.messages(made["id"]) == []


def test_a_list_leads_from_page_to_page_newest_first(ada: Person) -> None:
    for number in range(5):
        ada.api("POST", "conversations", json={"title": f"No. {number}"}, expect=201)
    titles, cursor = [], ""
    for _ in range(3):
        page = ada.api("GET", "conversations", params={"limit": 2, "cursor": cursor})
        fits(page, shapes.Page[shapes.Conversation])
        titles += [item["title"] for item in page["items"]]
        cursor = page["next"]
    assert titles == [f"No. {number}" for number in range(4, -1, -1)]
    assert cursor is None


def test_words_find_conversations_by_title_and_by_what_was_said(ada: Person, model: Model) -> None:
    ada.api("POST", "conversations", json={"title": "About zebras"}, expect=201)
    talk(ada, model, "An okapi is no horse.")
    found = [
        len(ada.api("GET", "conversations", params={"q": q})["items"])
        for q in ("ZEBRA", "okapi", "unicorn", "%")
    ]
    assert found == [1, 1, 0, 0]


def test_a_branch_is_read_from_its_end_upwards(ada: Person, model: Model) -> None:
    first = talk(ada, model, "one")
    conversation = first["conversation"]["id"]
    second = talk(ada, model, "two", conversation=conversation)
    path = f"conversations/{conversation}/messages"
    page = ada.api("GET", path, params={"limit": 3})
    fits(page, shapes.Page[shapes.Message])
    assert page["items"][1:] == [second["user_message"], second["message"]]
    earlier = ada.api("GET", path, params={"cursor": page["next"]})
    assert earlier["items"] == [first["user_message"]]
    assert earlier["next"] is None
    leaf = ada.api("GET", path, params={"leaf": first["message"]["id"]})
    assert [item["id"] for item in leaf["items"]] == [
        first["user_message"]["id"],
        first["message"]["id"],
    ]


def test_a_leaf_or_cursor_of_another_conversation_leads_nowhere(ada: Person, model: Model) -> None:
    one, other = talk(ada, model), talk(ada, model)
    path = f"conversations/{one['conversation']['id']}/messages"
    elsewhere = other["message"]["id"]
    ada.api("GET", path, params={"leaf": elsewhere}, expect=404)
    ada.api("GET", path, params={"cursor": elsewhere}, expect=400)


def test_a_run_is_read_and_a_stop_after_the_end_changes_nothing(ada: Person, model: Model) -> None:
    run = talk(ada, model)["run"]
    fits(run, shapes.Run)
    assert ada.api("GET", f"runs/{run['id']}") == run
    assert ada.api("POST", f"runs/{run['id']}/stop") == run


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "conversations/{}"),
        ("PATCH", "conversations/{}"),
        ("DELETE", "conversations/{}"),
        ("GET", "conversations/{}/messages"),
    ],
)
@pytest.mark.parametrize("id", [NOBODY, "nonsense", "%00", "%ED%A0%80", "hers"])
def test_what_is_not_there_or_not_yours_is_not_found(
    ada: Person, cleo: Person, method: str, path: str, id: str
) -> None:
    if id == "hers":
        id = ada.api("POST", "conversations", expect=201)["id"]
    body = {"json": {"title": "Mine now"}} if method == "PATCH" else {}
    error = cleo.api(method, path.format(id), expect=404, **body)["error"]
    assert error["code"] == "not_found"


def test_uploads_are_images(ada: Person) -> None:
    files = [("file", ("a.png", png(30, 20))), ("file", ("b.png", png(8, 9)))]
    stored = ada.api("POST", "images", files=files, expect=201)
    fits(stored, picture_shapes.Images)
    assert [(item["width"], item["height"]) for item in stored["items"]] == [(30, 20), (8, 9)]


def test_usage_is_summed_for_the_caller_alone(ada: Person, ben: Person, model: Model) -> None:
    sent = [talk(ada, model), talk(ada, model, options={"model": "gpt-4o"})]
    page = ada.api("GET", "usage?group=model")
    fits(page, shapes.Page[own_shapes.Used])
    answers = sorted((one["message"] for one in sent), key=lambda answer: str(answer["model"]))
    for item, answer in zip(page["items"], answers, strict=True):
        assert (item["key"], item["requests"]) == (answer["model"], 1)
        assert item["output_tokens"] == answer["usage"]["output_tokens"]
        assert item["cost"] == answer["cost"]
    [purpose] = ada.api("GET", "usage?group=purpose")["items"]
    assert (purpose["key"], purpose["requests"]) == ("chat", 2)
    assert ben.api("GET", "usage")["items"] == []


def test_a_day_given_as_the_end_of_usage_is_part_of_it(ada: Person, model: Model) -> None:
    talk(ada, model)
    [today] = ada.api("GET", "usage")["items"]
    day = today["key"]
    wanted = {
        f"from={day}&to={day}": 1,
        f"from={day}T00:00:00": 1,
        f"from={day}T00:00:00+00:00": 1,  # the plus sign arrives as a space
        f"to={day}T00:00:00Z": 0,
        "from=2999-01-01": 0,
    }
    for query, count in wanted.items():
        assert len(ada.api("GET", f"usage?{query}")["items"]) == count, query
