"""Going on with an answer that broke off: in the same message, from where it was, nothing twice."""

import pytest

from conversations.models import Message
from conversations.runs.prompt import GO_ON
from tests.harness.database import Ground
from tests.harness.people import Asked, Person
from tests.harness.sockets import Socket
from tests.stub_provider import Model, Reply, Script, cut, fails, pause, says


def going_on(model: Model, *steps: object, **how: object) -> Script:
    """What the model says when it is asked to go on: that question has no marker of ours."""
    return model.will_answer(says(*steps, **how), asked=GO_ON, exactly=True)  # type: ignore[arg-type]


def go_on(asked: Asked, socket: Socket | None = None) -> Asked:
    socket = socket or asked.socket
    return Asked(asked.person, socket, socket.call("message.continue", message=asked.answer_id))


BROKEN: dict[str, tuple[Reply, str]] = {
    "length": (says("one two", finish="length"), "complete"),
    "interrupted": (says("one two", cut), "interrupted"),
    "filtered": (says("one two", finish="content_filter"), "failed"),
}


@pytest.mark.parametrize(("reply", "status"), BROKEN.values(), ids=BROKEN.keys())
def test_an_answer_that_broke_off_goes_on_in_the_same_message(
    ada: Person, model: Model, reply: Reply, status: str
) -> None:
    asked = ada.ask(model.will_answer(reply))
    assert asked.status == status
    script = going_on(model, ", three")
    more = go_on(asked).finish()
    assert more.answer_id == asked.answer_id and more.run != asked.run
    assert (more.ack["message"]["status"], more.ack["message"]["error"]) == ("running", None)
    assert more.ack["message"]["text"] == "one two"
    assert more.socket.text(more.run, start=7) == ", three"
    stored = asked.stored()
    assert (stored["text"], stored["status"]) == ("one two, three", "complete")
    assert (stored["finish_reason"], stored["error"]) == ("stop", None)
    assert script.request.said()[-2:] == [("assistant", "one two"), ("user", GO_ON)]
    assert len(ada.messages(asked.conversation)) == 2


def test_a_stopped_answer_goes_on_and_can_be_stopped_again(ada: Person, model: Model) -> None:
    asked = ada.start(model.will_say("one ", pause, "never"))
    asked.socket.wait_for_text(asked.run, 4)
    asked.stop()
    asked.finish()
    going_on(model, "two ", pause, "never")
    more = go_on(asked)
    more.socket.wait_for_text(more.run, 4, start=4)
    more.stop()
    more.finish()
    assert (more.status, more.finished["length"]) == ("stopped", 8)
    assert asked.stored()["text"] == "one two "


def test_an_answer_that_never_began_simply_begins(ada: Person, model: Model) -> None:
    script = model.will_answer(fails(401), says("at last"))
    asked = ada.ask(script)
    assert asked.status == "failed"
    more = go_on(asked).finish()
    assert (more.text, more.status) == ("at last", "complete")
    assert script.requests[1].said() == script.requests[0].said()


def test_going_on_with_nothing_more_to_say_is_complete(ada: Person, model: Model) -> None:
    asked = ada.ask(model.will_answer(says("all of it", finish="length")))
    going_on(model)
    more = go_on(asked).finish()
    assert (more.status, asked.stored()["text"]) == ("complete", "all of it")


def test_a_repeated_end_is_shown_and_stored_once(ada: Person, model: Model) -> None:
    asked = ada.ask(model.will_answer(says("The rim is straight. Only two spokes", cut)))
    going_on(model, "Only ", "two ", "spokes have ", "lost tension.")
    more = go_on(asked).finish()
    whole = "The rim is straight. Only two spokes have lost tension."
    assert more.socket.text(more.run, start=36) == " have lost tension."
    assert asked.stored()["text"] == whole


def test_what_was_held_back_is_kept_when_the_answer_breaks_off_again(
    ada: Person, model: Model
) -> None:
    asked = ada.ask(model.will_answer(says("Only two spokes have lost tension", cut)))
    going_on(model, "Only two ", cut)
    more = go_on(asked).finish()
    assert more.status == "interrupted"
    assert asked.stored()["text"] == "Only two spokes have lost tensionOnly two "


def test_what_is_held_back_is_shown_soon_when_the_model_falls_silent(
    ada: Person, model: Model
) -> None:
    asked = ada.ask(model.will_answer(says("Only two spokes have lost tension", cut)))
    script = going_on(model, "Only two ", pause, "more")
    more = go_on(asked)
    more.socket.wait_for_text(more.run, 9, start=33)
    script.resume()
    assert more.finish().status == "complete"


def test_usage_and_cost_are_those_of_all_its_runs(ada: Person, model: Model) -> None:
    asked = ada.ask(model.will_answer(says("one", finish="length")))
    once = asked.stored()
    going_on(model, " two")
    go_on(asked).finish()
    both = asked.stored()
    for name in ("input_tokens", "cached_input_tokens", "output_tokens", "reasoning_tokens"):
        assert both["usage"][name] == 2 * once["usage"][name]
    assert float(both["cost"]) == pytest.approx(2 * float(once["cost"]), abs=1e-6)


def test_the_limits_of_its_first_run_hold_for_the_next(ada: Person, model: Model) -> None:
    first = model.will_answer(says("one", finish="length"))
    asked = ada.ask(first, options={"max_output_tokens": 9, "temperature": 0.25, "model": "gpt-4o"})
    script = going_on(model, " two")
    go_on(asked).finish()
    for name in ("model", "temperature", "max_tokens"):
        assert script.request.json[name] == first.request.json[name]


def test_a_whole_answer_has_nothing_to_go_on_with(ada: Person, model: Model) -> None:
    asked = ada.ask(model.will_say("whole"))
    error = asked.socket.refusal("message.continue", message=asked.answer_id)
    assert error["code"] == "conflict" and error["message"].endswith(".")


def test_an_answer_that_was_followed_up_stays_as_it_was_read(ada: Person, model: Model) -> None:
    asked = ada.ask(model.will_answer(says("cut", finish="length")))
    ada.ask(model.will_say("more"), conversation=asked.conversation)
    error = asked.socket.refusal("message.continue", message=asked.answer_id)
    assert error["code"] == "conflict"


def test_going_on_brings_its_branch_back(ada: Person, model: Model) -> None:
    asked = ada.ask(model.will_answer(says("cut", finish="length"), says("other")))
    socket = asked.socket
    other = Asked(ada, socket, socket.call("message.regenerate", message=asked.answer_id)).finish()
    assert other.text == "other"
    going_on(model, " and gone on")
    more = go_on(asked).finish()
    assert more.ack["conversation"]["active_message"] == asked.answer_id
    assert ada.messages(asked.conversation)[-1]["text"] == "cut and gone on"


def test_another_tab_sees_it_go_on(ada: Person, model: Model) -> None:
    asked = ada.ask(model.will_answer(says("one ", finish="length")))
    other = ada.socket()
    other.open(asked.conversation)
    script = going_on(model, "two ", pause, "three")
    more = go_on(asked)
    started = other.until("run.started")
    assert (started["message"]["text"], started["message"]["status"]) == ("one ", "running")
    other.wait_for_text(more.run, 4, start=4)
    late = ada.socket()
    late.open(asked.conversation)
    assert late.wait_for_text(more.run, 4, start=4) == "two "
    script.resume()
    for socket in (other, late):
        finished = socket.until("run.finished", run=more.run)
        assert socket.text(more.run, start=4) == "two three" and finished["length"] == 13
    assert "message.created" not in {frame["type"] for frame in other.frames}


def test_who_was_away_gets_the_end_of_the_first_run_and_the_second(
    ada: Person, ground: Ground, model: Model
) -> None:
    asked = ada.ask(model.will_answer(says("one two", finish="length")))
    going_on(model, " three")
    more = go_on(asked).finish()
    back = ada.socket()
    have = {"text": 3, "reasoning": 0}
    back.open(asked.conversation, {asked.run: have, more.run: {"text": 7, "reasoning": 0}})
    back.until("run.finished", run=asked.run)
    back.until("run.finished", run=more.run)
    assert back.text(asked.run, start=3) == " two" and back.text(more.run, start=7) == " three"
    assert ground.row(Message, pk=asked.answer_id).text == "one two three"
