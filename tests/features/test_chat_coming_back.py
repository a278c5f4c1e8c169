"""Runs belong to no socket: leave, come back, look from two tabs; nothing is lost or doubled."""

from tests.harness.people import Person
from tests.stub_provider import Model, pause


def test_an_answer_goes_on_after_the_laptop_closes(ada: Person, model: Model) -> None:
    script = model.will_say("one ", pause, "two")
    asked = ada.start(script)
    asked.socket.wait_for_text(asked.run, 4)
    ada.leave()
    script.resume()
    back = ada.socket()
    back.open(asked.conversation, {asked.run: {"text": 0, "reasoning": 0}})
    back.until("run.finished", run=asked.run)
    assert back.text(asked.run) == "one two" == asked.stored()["text"]


def test_opening_while_it_streams_gives_what_was_said_and_then_the_rest(
    ada: Person, model: Model
) -> None:
    script = model.will_say("one ", pause, "two ", "three")
    asked = ada.start(script)
    asked.socket.wait_for_text(asked.run, 4)
    second = ada.socket()
    ack = second.open(asked.conversation)
    assert [run["id"] for run in ack["runs"]] == [asked.run]
    assert second.wait_for_text(asked.run, 4) == "one "
    script.resume()
    second.until("run.finished", run=asked.run)
    assert second.text(asked.run) == "one two three" == asked.finish().text


def test_who_holds_some_characters_gets_only_what_is_missing(ada: Person, model: Model) -> None:
    script = model.will_say("😀ne ", pause, "two")
    asked = ada.start(script)
    asked.socket.wait_for_text(asked.run, 4)
    back = ada.socket()
    back.open(asked.conversation, {asked.run: {"text": 2, "reasoning": 0}})
    script.resume()
    back.until("run.finished", run=asked.run)
    assert back.text(asked.run, start=2) == "e two"


def test_a_run_in_have_that_has_ended_sends_its_missing_end(ada: Person, model: Model) -> None:
    asked = ada.ask(model.will_say("one two"))
    back = ada.socket()
    ack = back.open(asked.conversation, {asked.run: {"text": 4, "reasoning": 0}})
    assert ack["runs"] == []
    finished = back.until("run.finished", run=asked.run)
    assert back.text(asked.run, start=4) == "two"
    assert finished["length"] == 7


def test_who_holds_all_of_it_gets_the_end_alone(ada: Person, model: Model) -> None:
    asked = ada.ask(model.will_say("one two"))
    back = ada.socket()
    back.open(asked.conversation, {asked.run: {"text": 7, "reasoning": 0}})
    back.until("run.finished", run=asked.run)
    assert back.pieces(asked.run) == []


def test_a_finished_conversation_opens_quietly(ada: Person, model: Model) -> None:
    asked = ada.ask(model.will_say("done"))
    back = ada.socket()
    ack = back.open(asked.conversation)
    assert ack["conversation"]["id"] == asked.conversation and ack["runs"] == []
    assert [f for f in back.silence(0.3) if f["type"].startswith("run.")] == []


def test_both_tabs_see_the_same_answer(ada: Person, model: Model) -> None:
    first = ada.ask(model.will_say("hello"))
    second = ada.socket()
    second.open(first.conversation)
    script = model.will_say("one ", pause, "two")
    asked = ada.start(script, conversation=first.conversation, socket=first.socket)
    created = second.until("message.created")
    assert created["message"]["text"] == script.question
    second.wait_for_text(asked.run, 4)
    script.resume()
    second.until("run.finished", run=asked.run)
    assert second.text(asked.run) == "one two" == asked.finish().text


def test_a_tab_elsewhere_learns_of_the_conversation_but_gets_no_deltas(
    ada: Person, model: Model
) -> None:
    elsewhere = ada.socket()
    here = ada.socket()
    asked = ada.ask(model.will_say("hello"), socket=here)
    updated = elsewhere.until("conversation.updated")
    assert updated["conversation"]["id"] == asked.conversation
    elsewhere.silence(0.3)
    assert elsewhere.pieces(asked.run) == []


def test_a_closed_conversation_is_silent(ada: Person, model: Model) -> None:
    first = ada.ask(model.will_say("hello"))
    second = ada.socket()
    second.open(first.conversation)
    second.call("conversation.close", conversation=first.conversation)
    asked = ada.ask(model.will_say("again"), conversation=first.conversation, socket=first.socket)
    second.silence(0.3)
    assert [f for f in second.frames if f["type"].startswith("run.")] == []
    assert asked.status == "complete"


def test_opening_twice_does_not_double_the_text(ada: Person, model: Model) -> None:
    script = model.will_say("one ", pause, "two")
    asked = ada.start(script)
    text = asked.socket.wait_for_text(asked.run, 4)
    asked.socket.open(asked.conversation, {asked.run: {"text": len(text), "reasoning": 0}})
    script.resume()
    assert asked.finish().text == "one two"


def test_nobody_else_hears_of_it(ada: Person, ben: Person, model: Model) -> None:
    listening = ben.socket()
    asked = ada.ask(model.will_say("secret"))
    assert (
        listening.refusal("conversation.open", conversation=asked.conversation, have={})["code"]
        == "not_found"
    )
    ada.ask(model.will_say("secret again"), conversation=asked.conversation)
    listening.silence(0.3)
    assert {f["type"] for f in listening.frames} == {"ready", "error"}
