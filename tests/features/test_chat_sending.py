"""Sending: once however often repeated, into the right place, cleaned, refused in words."""

import secrets
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from conversations.models import Claim, Conversation, Message, Run
from tests.harness.database import Ground
from tests.harness.people import Person
from tests.harness.sockets import Refused
from tests.stub_provider import Model, Script, pause


def command(script: Script | str, **fields: Any) -> dict[str, Any]:
    text = script if isinstance(script, str) else script.question
    return {
        "conversation": None,
        "parent": None,
        "text": text,
        "images": [],
        "options": {},
        **fields,
    }


def test_the_same_id_again_gets_the_same_ack_and_nothing_is_done_twice(
    ada: Person, ground: Ground, model: Model
) -> None:
    script = model.will_say("once")
    socket, id = ada.socket(), secrets.token_hex(8)
    first = socket.call("message.send", id=id, **command(script))
    socket.until("run.finished", run=first["run"]["id"])
    other = ada.socket()
    again = other.call("message.send", id=id, **command(script))
    assert again == first
    assert len(script.requests) == 1
    assert len(ground.rows(Message, conversation_id=first["conversation"]["id"])) == 2
    assert len(ground.rows(Run, conversation_id=first["conversation"]["id"])) == 1


def test_the_same_id_again_on_a_line_that_has_it_open_brings_the_answer_once(
    ada: Person, model: Model
) -> None:
    """The conversation was opened again after its answer had ended, by who had heard nothing of that."""
    script, id = model.will_say("once"), secrets.token_hex(8)
    asked = command(script)
    first = ada.socket().call("message.send", id=id, **asked)
    ada.sockets[-1].until("run.finished", run=first["run"]["id"])
    back = ada.socket()
    assert back.open(first["conversation"]["id"])["runs"] == []
    for _time in range(2):
        assert back.call("message.send", id=id, **asked) == first
    back.until("run.finished", run=first["run"]["id"])
    back.call("ping")
    assert back.text(first["run"]["id"]) == "once"
    assert [frame["type"] for frame in back.frames].count("run.finished") == 1


def test_the_id_holds_over_http_too(ada: Person, model: Model) -> None:
    script = model.will_say("once")
    id = secrets.token_hex(8)
    first = ada.socket().call("message.send", id=id, **command(script))
    again = ada.api(
        "POST", "messages", json=command(script), headers={"Idempotency-Key": id}, expect=201
    )
    for part in ("conversation", "user_message", "message", "run"):
        assert again[part]["id"] == first[part]["id"]
    assert len(ada.api("GET", "conversations")["items"]) == 1


def test_the_same_id_with_other_words_is_a_conflict(ada: Person, model: Model) -> None:
    script = model.will_say("once")
    socket, id = ada.socket(), secrets.token_hex(8)
    socket.call("message.send", id=id, **command(script))
    error = ada.socket().refusal("message.send", id=id, **command("something else"))
    assert error["code"] == "conflict"


def test_the_same_id_of_two_people_is_two_messages(ada: Person, ben: Person, model: Model) -> None:
    script = model.will_say("each")
    id = secrets.token_hex(8)
    acks = [who.socket().call("message.send", id=id, **command(script)) for who in (ada, ben)]
    assert acks[0]["run"]["id"] != acks[1]["run"]["id"]


def test_many_sends_of_one_id_at_once_are_one(ada: Person, ground: Ground, model: Model) -> None:
    script = model.will_say("once")
    id = secrets.token_hex(8)
    sockets = [ada.socket() for _ in range(8)]
    with ThreadPoolExecutor(8) as at_once:
        acks = list(
            at_once.map(lambda s: s.call("message.send", id=id, **command(script)), sockets)
        )
    assert len({ack["run"]["id"] for ack in acks}) == 1
    sockets[0].open(
        acks[0]["conversation"]["id"], {acks[0]["run"]["id"]: {"text": 0, "reasoning": 0}}
    )
    sockets[0].until("run.finished", run=acks[0]["run"]["id"])
    assert len(script.requests) == 1
    assert len(ground.rows(Conversation, owner_id=ada.id)) == 1


def test_a_refusal_is_not_remembered(ada: Person, model: Model) -> None:
    script = model.will_say("now")
    socket, id = ada.socket(), secrets.token_hex(8)
    assert socket.refusal("message.send", id=id, **command(script, options={"model": "no-such"}))
    assert ada.socket().call("message.send", id=id, **command(script))["type"] == "ack"


def test_a_second_send_while_the_answer_runs_is_a_conflict(ada: Person, model: Model) -> None:
    script = model.will_say("one ", pause, "two")
    asked = ada.start(script)
    error = asked.socket.refusal("message.send", **command("more", conversation=asked.conversation))
    assert error["code"] == "conflict"
    script.resume()
    assert asked.finish().status == "complete"
    assert len(ada.messages(asked.conversation)) == 2


def test_two_conversations_of_one_person_answer_at_the_same_time(ada: Person, model: Model) -> None:
    slow, quick = model.will_say("slow", pause, "ly"), model.will_say("quickly")
    first = ada.start(slow, socket=ada.socket())
    second = ada.ask(quick, socket=ada.socket())
    assert second.text == "quickly"
    slow.resume()
    assert first.finish().text == "slowly"


def test_a_conversation_of_another_person_is_not_found(
    ada: Person, cleo: Person, ground: Ground, model: Model
) -> None:
    asked = ada.ask(model.will_say("mine"))
    error = cleo.socket().refusal(
        "message.send", **command("let me", conversation=asked.conversation)
    )
    assert error["code"] == "not_found"
    assert len(ground.rows(Message, conversation_id=asked.conversation)) == 2


def test_a_parent_from_another_conversation_is_not_found(ada: Person, model: Model) -> None:
    first, second = ada.ask(model.will_say("a")), ada.ask(model.will_say("b"))
    error = ada.socket().refusal(
        "message.send", **command("x", conversation=first.conversation, parent=second.answer_id)
    )
    assert error["code"] == "not_found"


def test_a_message_of_another_person_is_no_parent(ada: Person, cleo: Person, model: Model) -> None:
    secret, own = ada.ask(model.will_say("mine")), cleo.ask(model.will_say("hers"))
    script = model.will_say("never")
    fields = command(script, conversation=own.conversation, parent=secret.answer_id)
    assert cleo.socket().refusal("message.send", **fields)["code"] == "not_found"
    assert script.requests == []


def test_a_message_of_another_person_is_neither_leaf_nor_active(
    ada: Person, cleo: Person, model: Model
) -> None:
    secret, own = ada.ask(model.will_say("mine")), cleo.ask(model.will_say("hers"))
    address = f"conversations/{own.conversation}"
    cleo.api("GET", f"{address}/messages?leaf={secret.answer_id}", expect=404)
    cleo.api("PATCH", address, json={"active_message": secret.answer_id}, expect=404)


def test_an_unknown_model_is_said_to_be_unavailable(ada: Person, ground: Ground) -> None:
    error = ada.socket().refusal("message.send", **command("x", options={"model": "no-such-model"}))
    assert error["code"] == "model_unavailable"
    assert ground.rows(Conversation, owner_id=ada.id) == []


@pytest.mark.parametrize("text", ["", "   \n\t ", "\x00"])
def test_nothing_is_not_a_message(ada: Person, ground: Ground, text: str) -> None:
    error = ada.socket().refusal("message.send", **command(text))
    assert error["code"] in ("invalid_frame", "invalid") and error["message"]
    assert ground.rows(Conversation, owner_id=ada.id) == []


def test_nul_and_surrogates_from_a_person_are_cleaned(ada: Person, model: Model) -> None:
    script = model.will_say("ok", asked="a\x00b \ud83d\ude00 c\ud800d")
    asked = ada.ask(script)
    clean = script.question.replace("\x00", "").replace("\ud83d\ude00", "😀").replace("\ud800", "")
    assert asked.ack["user_message"]["text"] == clean
    assert script.request.last_user_text == clean


def test_a_long_message_comes_through_whole(ada: Person, model: Model) -> None:
    script = model.will_say("ok", asked="wörter " * 20_000)
    asked = ada.ask(script)
    assert script.request.last_user_text == script.question
    assert asked.ack["user_message"]["text"] == script.question


def test_a_claim_is_one_row_with_the_ack_in_it(ada: Person, ground: Ground, model: Model) -> None:
    socket, id = ada.socket(), secrets.token_hex(8)
    socket.call("message.send", id=id, **command(model.will_say("x")))
    assert ground.row(Claim, user_id=ada.id, key=id).ack


@pytest.mark.parametrize("id", ["", "x" * 65])
def test_an_id_has_1_to_64_characters(ada: Person, id: str) -> None:
    socket = ada.socket()
    socket.send({"type": "message.send", "id": id, **command("x")})
    assert socket.until("error")["code"] == "invalid_frame"
    assert socket.lives()


def test_an_error_frame_is_an_exception_to_these_tests(ada: Person) -> None:
    with pytest.raises(Refused, match="unknown_type"):
        ada.socket().call("no.such.thing")
