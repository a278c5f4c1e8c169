"""Stop: heard at any moment, the provider's connection closed, nothing added afterwards."""

import time

from conversations.models import Message, Run
from tests.harness.database import Ground
from tests.harness.people import HalfTold, Person
from tests.stub_provider import Model, Say, Script, fails, pause, says


def test_stop_closes_the_provider_and_keeps_what_was_said(
    ground: Ground, half_told: HalfTold
) -> None:
    script, asked = half_told
    stopped_at = time.monotonic()
    asked.stop()
    assert script.wait_until_asked().wait_until_closed() - stopped_at < 0.5
    asked.finish()
    assert (asked.status, asked.text, asked.error) == ("stopped", "one ", None)
    assert asked.finished["length"] == 4
    assert ground.row(Message, pk=asked.answer_id).text == "one "
    assert ground.row(Run, pk=asked.run).status == "stopped"


def test_nothing_is_added_after_the_ack_of_a_stop(ada: Person, model: Model) -> None:
    script = model.will_say([Say("word ", 0.005) for _ in range(400)])
    asked = ada.start(script)
    asked.socket.wait_for_text(asked.run, 20)
    asked.stop()
    at_ack = asked.text
    asked.socket.silence(0.5)
    assert asked.text == at_ack == asked.stored()["text"]


def test_nothing_is_added_after_a_stop_in_a_flood(ada: Person, model: Model) -> None:
    asked = ada.start(model.will_say([Say("word ") for _ in range(30_000)]))
    asked.socket.wait_for_text(asked.run, 200)
    asked.stop()
    at_ack = asked.text
    assert len(at_ack) < 150_000, "the stop came too late to show anything"
    asked.socket.silence(0.5)
    assert asked.text == at_ack == asked.stored()["text"]


def test_stop_before_the_first_token(ada: Person, model: Model) -> None:
    script: Script = model.will_say(pause, "never")
    asked = ada.start(script)
    script.wait_until_asked()
    asked.stop()
    assert asked.finish().status == "stopped"
    script.request.wait_until_closed()
    assert asked.stored()["text"] == ""


def test_stop_while_a_retry_waits(ada: Person, model: Model) -> None:
    script = model.will_answer(fails(503, retry_after="8"), says("never"))
    asked = ada.start(script)
    asked.socket.until("run.waiting", run=asked.run)
    asked.stop()
    assert asked.finish().status == "stopped"
    assert len(script.requests) == 1


def test_stop_from_another_tab(ada: Person, half_told: HalfTold) -> None:
    _, asked = half_told
    ada.socket().call("run.stop", run=asked.run)
    assert asked.finish().status == "stopped"


def test_stop_over_http(ada: Person, model: Model) -> None:
    asked = ada.start(model.will_say("one ", pause, "two"))
    asked.socket.wait_for_text(asked.run, 4)
    ada.api("POST", f"runs/{asked.run}/stop")
    assert asked.finish().status == "stopped"
    assert ada.api("GET", f"runs/{asked.run}")["status"] == "stopped"


def test_stopping_what_is_finished_changes_nothing(ada: Person, model: Model) -> None:
    asked = ada.ask(model.will_say("all of it"))
    asked.stop()
    assert asked.stored()["status"] == "complete"
    assert asked.stored()["text"] == "all of it"


def test_nobody_else_can_stop_it(ada: Person, ben: Person, model: Model) -> None:
    script = model.will_say("one ", pause, "two")
    asked = ada.start(script)
    assert ben.socket().refusal("run.stop", run=asked.run)["code"] == "not_found"
    ben.api("POST", f"runs/{asked.run}/stop", expect=404)
    script.resume()
    assert asked.finish().status == "complete"


def test_a_stopped_conversation_can_go_on(ada: Person, model: Model) -> None:
    asked = ada.start(model.will_say("one ", pause, "two"))
    asked.socket.wait_for_text(asked.run, 4)
    asked.stop()
    script = model.will_say("fine")
    assert ada.ask(script, conversation=asked.conversation).text == "fine"
    assert ("assistant", "one ") in script.request.said()
