"""Edit and regenerate: branches beside the ones there are, through the same gate as a send."""

import secrets
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from conversations.models import Message, Run
from tests.harness.database import Ground
from tests.harness.people import Asked, HalfTold, Person
from tests.harness.pictures import png
from tests.harness.sockets import Frame, Socket
from tests.stub_provider import Model, Script, fails, pause, says

NOBODY = "01890000-0000-7000-8000-000000000000"


def edit(asked: Asked, script: Script, **fields: Any) -> Asked:
    """The question of `asked`, put as the script wants it."""
    command = {"message": asked.question_id, "text": script.question, **fields}
    return Asked(asked.person, asked.socket, asked.socket.call("message.edit", **command))


def regenerate(asked: Asked, **fields: Any) -> Asked:
    ack = asked.socket.call("message.regenerate", message=asked.answer_id, **fields)
    return Asked(asked.person, asked.socket, ack)


def texts(person: Person, conversation: str) -> list[str]:
    return [message["text"] for message in person.messages(conversation)]


def test_an_edit_is_a_sibling_with_an_answer_of_its_own(ada: Person, model: Model) -> None:
    asked = ada.ask(model.will_say("cold"))
    script = model.will_say("warm")
    edited = edit(asked, script).finish()
    mine = edited.ack["user_message"]
    assert (mine["text"], mine["parent"]) == (script.question, None)
    assert mine["siblings"] == [asked.question_id, edited.question_id]
    assert edited.ack["conversation"]["active_message"] == edited.answer_id
    assert texts(ada, asked.conversation) == [script.question, "warm"]
    assert script.request.said() == [("user", script.question)]
    leaf = f"conversations/{asked.conversation}/messages?leaf={asked.answer_id}"
    assert [one["text"] for one in ada.api("GET", leaf)["items"]][-1] == "cold"


def test_an_edit_in_the_middle_leaves_what_followed_on_its_own_branch(
    ada: Person, model: Model
) -> None:
    first = ada.ask(model.will_say("one"))
    second = ada.ask(model.will_say("two"), conversation=first.conversation)
    third = ada.ask(model.will_say("three"), conversation=first.conversation)
    script = model.will_say("other")
    edit(second, script).finish()
    assert texts(ada, first.conversation)[1:] == ["one", script.question, "other"]
    assert script.request.said()[1] == ("assistant", "one")
    address = f"conversations/{first.conversation}"
    ada.api("PATCH", address, json={"active_message": third.answer_id})
    assert texts(ada, first.conversation)[-1] == "three"


def test_an_edit_keeps_its_pictures_unless_others_are_named(ada: Person, model: Model) -> None:
    old, new = (ada.upload(png(30, 20))["id"] for _ in range(2))
    asked = ada.ask(model.will_say("a dot"), images=[old], options={"detail": "high"})
    kept, other, none = (model.will_say("fine") for _ in range(3))
    assert [i["id"] for i in edit(asked, kept).finish().ack["user_message"]["images"]] == [old]
    parts = kept.request.messages[-1]["content"]
    assert [part["image_url"]["detail"] for part in parts if "image_url" in part] == ["high"]
    changed = edit(asked, other, images=[new]).finish()
    assert [image["id"] for image in changed.ack["user_message"]["images"]] == [new]
    assert edit(asked, none, images=[]).finish().ack["user_message"]["images"] == []
    assert none.request.images() == []


def test_an_edit_stops_what_is_being_written_and_all_tabs_see_it(
    ada: Person, ground: Ground, model: Model, half_told: HalfTold
) -> None:
    slow, asked = half_told
    other = ada.socket()
    other.open(asked.conversation)
    edited = edit(asked, model.will_say("anew")).finish()
    slow.request.wait_until_closed()
    assert (edited.status, edited.text) == ("complete", "anew")
    other.until("run.finished", run=edited.run)
    kinds = [f["type"] for f in other.frames if f["type"].startswith(("run.f", "run.s", "mess"))]
    assert kinds == ["run.finished", *["message.created"] * 2, "run.started", "run.finished"]
    assert other.text(edited.run) == "anew"
    old = ground.row(Message, pk=asked.answer_id)
    assert (old.status, old.text) == ("stopped", "one ")


def test_an_edit_that_is_refused_stops_nothing(half_told: HalfTold) -> None:
    slow, asked = half_told
    wrong: list[dict[str, Any]] = [
        {"text": "  "},
        {"text": "x", "images": [NOBODY]},
        {"text": "x", "message": asked.answer_id},
    ]
    for fields in wrong:
        asked.socket.refusal("message.edit", **{"message": asked.question_id, **fields})
    slow.resume()
    assert asked.finish().status == "complete"


def test_an_edit_again_with_its_id_does_not_stop_its_own_answer(
    ada: Person, ground: Ground, model: Model
) -> None:
    asked = ada.ask(model.will_say("cold"))
    script = model.will_say("warm ", pause, "er")
    command: Frame = {
        "message": asked.question_id,
        "text": script.question,
        "id": secrets.token_hex(8),
    }
    first = asked.socket.call("message.edit", **command)
    asked.socket.wait_for_text(first["run"]["id"], 5)
    assert ada.socket().call("message.edit", **command) == first
    script.resume()
    finished = asked.socket.until("run.finished", run=first["run"]["id"])
    assert finished["message"]["status"] == "complete"
    assert len(script.requests) == 1
    assert len(ground.rows(Message, conversation_id=asked.conversation)) == 4


@pytest.mark.parametrize("kind", ["message.edit", "message.regenerate", "message.continue"])
def test_many_of_one_id_at_once_are_one(
    ada: Person, ground: Ground, model: Model, kind: str
) -> None:
    asked = ada.ask(model.will_answer(says("cut", finish="length"), says("whole")))
    fields: dict[str, Any] = {"message": asked.answer_id}
    if kind == "message.edit":
        fields = {"message": asked.question_id, "text": model.will_say("warm").question}
    id, sockets = secrets.token_hex(8), [ada.socket() for _ in range(6)]
    with ThreadPoolExecutor(6) as at_once:
        acks = list(at_once.map(lambda socket: socket.call(kind, id=id, **fields), sockets))
    assert all(ack == acks[0] for ack in acks)
    assert len(ground.rows(Run, conversation_id=asked.conversation)) == 2


def test_many_edits_of_one_id_stop_what_ran_and_not_each_other(
    ada: Person, ground: Ground, model: Model
) -> None:
    asked = ada.start(model.will_say("one ", pause, "two"))
    asked.socket.wait_for_text(asked.run, 4)
    script, id = model.will_say("warm ", pause, "er"), secrets.token_hex(8)
    sockets = [ada.socket() for _ in range(12)]
    fields: dict[str, Any] = {"message": asked.question_id, "text": script.question}
    with ThreadPoolExecutor(12) as at_once:
        call = "message.edit"
        acks = list(at_once.map(lambda socket: socket.call(call, id=id, **fields), sockets))
    assert all(ack == acks[0] for ack in acks)
    script.resume()
    finished = sockets[0].until("run.finished", run=acks[0]["run"]["id"])
    assert finished["message"]["status"] == "complete"
    assert asked.finish().status == "stopped"


def test_one_id_is_for_one_thing_whatever_its_kind(ada: Person, model: Model) -> None:
    asked = ada.ask(model.will_answer(says("cut", finish="length"), says("whole")))
    again: Frame = {"message": asked.answer_id}
    id = secrets.token_hex(8)
    asked.socket.call("message.regenerate", id=id, **again)
    others: list[tuple[str, Frame]] = [
        ("message.continue", again),
        ("message.edit", {"message": asked.question_id, "text": "x"}),
        ("message.send", {"text": "x", "conversation": asked.conversation}),
        ("message.regenerate", {**again, "options": {"temperature": 1.0}}),
    ]
    for kind, fields in others:
        assert ada.socket().refusal(kind, id=id, **fields)["code"] == "conflict", kind
    headers = {"Idempotency-Key": id}
    ada.api("POST", "messages", json={"text": "x"}, headers=headers, expect=409)


def test_a_refused_edit_is_not_remembered(ada: Person, model: Model) -> None:
    asked = ada.ask(model.will_say("cold"))
    id, script = secrets.token_hex(8), model.will_say("warm")
    fields: Frame = {"message": asked.question_id, "text": script.question}
    asked.socket.refusal("message.edit", id=id, **fields, images=[NOBODY])
    assert ada.socket().call("message.edit", id=id, **fields)["type"] == "ack"


def test_another_try_is_a_sibling_under_the_same_question(ada: Person, model: Model) -> None:
    script = model.will_answer(says("first"), says("second"))
    asked = ada.ask(script)
    again = regenerate(asked).finish()
    answer = again.ack["message"]
    assert (answer["parent"], answer["siblings"]) == (
        asked.question_id,
        [asked.answer_id, again.answer_id],
    )
    assert "user_message" not in again.ack
    assert texts(ada, asked.conversation) == [script.question, "second"]
    assert script.requests[1].said() == [("user", script.question)]


def test_another_try_by_another_model_and_with_other_options(ada: Person, model: Model) -> None:
    script = model.will_answer(says("first"), says("second"))
    image = ada.upload(png(30, 20))["id"]
    asked = ada.ask(script, images=[image], options={"model": "gpt-4o-mini", "detail": "low"})
    options = {"model": "gpt-4o", "temperature": 0.5, "detail": "high"}
    again = regenerate(asked, options=options).finish()
    assert again.ack["run"]["model"] == again.ack["message"]["model"] == "gpt-4o"
    sent = script.requests[1]
    assert (sent.json["model"], sent.json["temperature"]) == ("gpt-4o", 0.5)
    parts = [part["image_url"] for part in sent.messages[-1]["content"] if "image_url" in part]
    assert [part["detail"] for part in parts] == ["high"]
    unknown = {"message": asked.answer_id, "options": {"model": "no-such"}}
    error = asked.socket.refusal("message.regenerate", **unknown)
    assert error["code"] == "model_unavailable"


@pytest.mark.parametrize("kind", ["message.regenerate", "message.continue"])
def test_while_something_is_being_written_there_is_no_other_try(
    ada: Person, model: Model, kind: str
) -> None:
    script = model.will_say("one ", pause, "two")
    asked = ada.start(script)
    error = asked.socket.refusal(kind, message=asked.answer_id)
    assert error["code"] == "conflict" and error["message"].endswith(".")
    script.resume()
    assert asked.finish().status == "complete"


@pytest.mark.parametrize("kind", ["message.regenerate", "message.continue"])
def test_a_question_is_no_answer(ada: Person, model: Model, kind: str) -> None:
    asked = ada.ask(model.will_say("x"))
    assert asked.socket.refusal(kind, message=asked.question_id)["code"] == "invalid_frame"


def test_another_try_at_an_answer_that_failed(ada: Person, model: Model) -> None:
    asked = ada.ask(model.will_answer(fails(401), says("better")))
    assert asked.status == "failed"
    assert regenerate(asked).finish().text == "better"


def test_other_tabs_are_told_of_another_try(ada: Person, model: Model) -> None:
    asked = ada.ask(model.will_answer(says("first"), says("sec", pause, "ond")))
    other = ada.socket()
    other.open(asked.conversation)
    again = regenerate(asked)
    created = other.until("message.created")["message"]
    assert (created["id"], created["parent"]) == (again.answer_id, asked.question_id)
    active = other.until("conversation.updated")["conversation"]["active_message"]
    assert active == again.answer_id
    model.scripts[0].resume()
    other.until("run.finished", run=again.run)
    assert other.text(again.run) == "second"


def test_what_is_not_hers_is_not_there_for_cleo(ada: Person, cleo: Person, model: Model) -> None:
    asked = ada.ask(model.will_answer(says("cut", finish="length")))
    socket: Socket = cleo.socket()
    for kind, fields in (
        ("message.edit", {"message": asked.question_id, "text": "mine now"}),
        ("message.regenerate", {"message": asked.answer_id}),
        ("message.continue", {"message": asked.answer_id}),
    ):
        assert socket.refusal(kind, **fields)["code"] == "not_found"
    assert len(ada.messages(asked.conversation)) == 2


def test_turning_to_another_version_leads_to_where_it_was_left(ada: Person, model: Model) -> None:
    first = ada.ask(model.will_say("one"))
    ada.ask(model.will_say("two"), conversation=first.conversation)
    deep = ada.ask(model.will_say("three"), conversation=first.conversation)
    other = edit(first, model.will_say("else")).finish()
    address = f"conversations/{first.conversation}/messages"

    def through(message: str) -> list[str]:
        return [m["id"] for m in ada.api("GET", f"{address}?through={message}")["items"]]

    assert through(first.question_id)[-1] == deep.answer_id
    assert len(through(first.answer_id)) == 6
    assert through(other.question_id) == [other.question_id, other.answer_id]
    ada.api("GET", f"{address}?through={NOBODY}", expect=404)
    elsewhere = ada.ask(model.will_say("x"))
    ada.api("GET", f"{address}?through={elsewhere.answer_id}", expect=404)


def test_who_is_on_a_branch_that_leads_through_a_message_stays_on_it(
    ada: Person, model: Model
) -> None:
    script = model.will_answer(says("one"), says("another"))
    first = ada.ask(script)
    regenerate(first).finish()
    address = f"conversations/{first.conversation}"
    ada.api("PATCH", address, json={"active_message": first.answer_id})
    page = ada.api("GET", f"{address}/messages?through={first.question_id}")
    assert [message["id"] for message in page["items"]] == [first.question_id, first.answer_id]
