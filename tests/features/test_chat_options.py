"""What a conversation begins with, and which options reach which model."""

import hashlib
from typing import Any

import orjson
import pytest

from conversations.chat.questions import Options, Question, Start
from tests.harness.people import Person
from tests.stub_provider import Model, Script

# The options there were at first.
BEFORE = (
    "model", "temperature", "top_p", "max_output_tokens", "presence_penalty", "frequency_penalty",
    "stop", "seed", "detail",
)  # fmt: skip
START = {"system_prompt": "Speak like a pirate.", "options": {"temperature": 0.3, "seed": 7}}


def kept(conversation: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    return conversation["system_prompt"], conversation["options"]


def read_by(script: Script) -> dict[str, Any]:
    [request] = script.requests
    assert request.said()[0] == ("system", "Speak like a pirate.")
    return request.parameters


def test_what_a_conversation_begins_with_goes_along_with_its_first_message(
    ada: Person, model: Model
) -> None:
    script = model.will_say("Arr.")
    asked = ada.ask(script, start=START)
    assert kept(asked.ack["conversation"]) == (START["system_prompt"], START["options"])
    assert read_by(script)["temperature"] == 0.3
    stored = ada.api("GET", f"conversations/{asked.conversation}")
    assert kept(stored) == (START["system_prompt"], START["options"])


def test_a_model_among_the_options_is_the_conversations(ada: Person, model: Model) -> None:
    usual, other = [one["id"] for one in ada.api("GET", "models")["items"]][:2]
    script = model.will_say("Arr.")
    asked = ada.ask(script, start={"options": {"model": other}})
    assert asked.ack["conversation"]["model"] == script.request.json["model"] == other
    path = f"conversations/{asked.conversation}"
    assert ada.api("PATCH", path, json={"options": {"model": usual}})["model"] == usual
    nobodys = {"options": {"model": "nobody's"}}
    error = ada.api("PATCH", path, json=nobodys, expect=400)["error"]
    assert error["code"] == "model_unavailable"
    assert ada.socket().refusal("message.send", text="x", start=nobodys)["code"] == error["code"]


def test_over_http_too_and_the_next_message_is_read_alike(ada: Person, model: Model) -> None:
    first, second = model.will_say("Arr."), model.will_say("Arr again.")
    body = {"text": first.question, "start": START, "wait": True}
    sent = ada.api("POST", "messages", json=body)
    body = {"text": second.question, "conversation": sent["conversation"]["id"], "wait": True}
    ada.api("POST", "messages", json={**body, "options": {"seed": 8}})
    assert read_by(first)["seed"] == 7
    assert (read_by(second)["temperature"], read_by(second)["seed"]) == (0.3, 8)


def test_a_conversation_that_has_begun_does_not_start_again(ada: Person, model: Model) -> None:
    conversation = ada.ask(model.will_say("One.")).conversation
    body = {"text": "And now?", "conversation": conversation, "start": START}
    error = ada.api("POST", "messages", json=body, expect=400)["error"]
    assert "start" in error["fields"]
    assert len(ada.messages(conversation)) == 2


@pytest.mark.parametrize(
    ("options", "field"),
    [
        ({"temperature": 2.1}, "This has to be 2.0 or less."),
        ({"top_p": -0.1}, "This has to be 0.0 or more."),
        ({"max_output_tokens": 0}, "This has to be 1 or more."),
        ({"reasoning_effort": "very"}, "This has to be 'none',"),
    ],
)
def test_options_out_of_range_are_told_in_a_sentence(
    ada: Person, options: dict[str, Any], field: str
) -> None:
    error = ada.api("POST", "conversations", json={"options": options}, expect=400)["error"]
    [(name, [sentence])] = error["fields"].items()
    assert name == f"options.{next(iter(options))}"
    assert sentence.startswith(field)


def test_a_model_gets_the_options_that_it_takes(ada: Person, model: Model) -> None:
    wished = {"temperature": 0.3, "stop": ["END"], "seed": 7, "reasoning_effort": "low"}
    found = {}
    for name in ("gpt-4o-mini", "gpt-5-mini"):
        script = model.will_say("Yes.")
        answer = ada.ask(script, options={**wished, "model": name}).finished["message"]
        assert answer["status"] == "complete", answer["error"]
        [request] = script.requests
        found[name] = {option for option in wished if option in request.parameters}
        limit = request.parameters.get("max_completion_tokens") or request.parameters["max_tokens"]
        assert limit == (25_000 if name == "gpt-5-mini" else 4_096)
    assert found["gpt-4o-mini"] == {"temperature", "stop", "seed"}
    assert found["gpt-5-mini"] == {"reasoning_effort", "seed"}


def test_who_asks_again_across_an_update_asks_the_same() -> None:
    """The print of a message as version 0.1 took it."""
    options: dict[str, Any] = dict.fromkeys(BEFORE)
    asked: dict[str, Any] = {"conversation": None, "parent": None, "text": "Hello", "images": []}
    old = orjson.dumps(["send", {**asked, "options": options}], option=orjson.OPT_SORT_KEYS)
    assert Question(text="Hello").fingerprint() == hashlib.sha256(old).hexdigest()
    others = [
        Question(text="Hello", options=Options(reasoning_effort="low")),
        Question(text="Hello", start=Start(system_prompt="Be kind.")),
        Question(text="Hello", start=Start(options=Options(seed=1))),
    ]
    assert len({one.fingerprint() for one in [*others, Question(text="Hello")]}) == 4
