"""Edit and going on where several processes share one Postgres."""

import signal
from collections.abc import Callable

from conversations.models import Message
from conversations.runs.prompt import GO_ON
from tests.harness.database import Ground
from tests.harness.people import Asked, HalfTold, Person
from tests.harness.server import Worker
from tests.server.conftest import Spare
from tests.stub_provider import Model, pause, says


def test_an_edit_stops_an_answer_of_another_process(
    ada: Person, spare: Spare, ground: Ground, model: Model, half_told: HalfTold
) -> None:
    slow, asked = half_told
    there = ada.at(spare()).socket()
    text = model.will_say("anew").question
    ack = there.call("message.edit", message=asked.question_id, text=text)
    slow.request.wait_until_closed()
    assert asked.finish().status == "stopped"
    there.until("run.finished", run=ack["run"]["id"])
    assert there.text(ack["run"]["id"]) == "anew"
    asked.socket.until("run.finished", run=ack["run"]["id"])
    assert asked.socket.text(ack["run"]["id"]) == "anew"
    assert ground.row(Message, pk=asked.answer_id).text == "one "


def test_a_worker_goes_on_with_an_answer(
    ada: Person, worker: Callable[[], Worker], spare: Spare, model: Model
) -> None:
    worker()
    here = ada.at(spare(CHATSITE_RUNS="workers"))
    asked = here.ask(model.will_answer(says("Only two spokes", finish="length")))
    model.will_answer(says("Only two ", "spokes have ", "lost tension."), asked=GO_ON, exactly=True)
    ack = asked.socket.call("message.continue", message=asked.answer_id)
    asked.socket.until("run.finished", run=ack["run"]["id"])
    assert asked.socket.text(ack["run"]["id"], start=15) == " have lost tension."
    assert asked.stored()["text"] == "Only two spokes have lost tension."


def test_a_continuation_whose_process_dies_keeps_both_halves_and_goes_on_once_more(
    ada: Person, spare: Spare, ground: Ground, model: Model
) -> None:
    doomed = spare()
    here = ada.at(doomed)
    asked = here.ask(model.will_answer(says("one ", finish="length")))
    replies = says("two ", pause), says("three")
    model.will_answer(*replies, asked=GO_ON, exactly=True)
    ack = asked.socket.call("message.continue", message=asked.answer_id)
    asked.socket.wait_for_text(ack["run"]["id"], 4, start=4)
    Asked(here, asked.socket, ack).wait_until_kept(8)
    doomed.signal(signal.SIGKILL)
    doomed.wait()
    there = ada.socket()
    there.open(asked.conversation, {ack["run"]["id"]: {"text": 8, "reasoning": 0}})
    finished = there.until("run.finished", run=ack["run"]["id"])
    assert (finished["message"]["status"], finished["length"]) == ("interrupted", 8)
    assert ground.row(Message, pk=asked.answer_id).text == "one two "
    more = there.call("message.continue", message=asked.answer_id)
    there.until("run.finished", run=more["run"]["id"])
    assert ground.row(Message, pk=asked.answer_id).text == "one two three"
