"""Several processes on one Postgres: whoever looks on sees the same answer, wherever it is written."""

import signal
import time
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from conversations.models import LanguageModel, Message, Run
from tests.harness.database import Ground
from tests.harness.people import PATIENCE, Asked, HalfTold, Person
from tests.harness.ports import free_port
from tests.harness.server import Server, Worker
from tests.harness.sockets import Refused
from tests.harness.soon import within
from tests.server.conftest import Spare
from tests.stub_provider import Model, Say, Script, fails, pause, says

Workers = Callable[..., Worker]
# A process looks at the catalogue by itself after 30 s: what is seen sooner was told by the doorbell.
SOON_SECONDS = 25


@pytest.fixture
def other(spare: Spare) -> Server:
    """A second web process beside `server`."""
    return spare()


@pytest.fixture
def front(worker: Workers, spare: Spare) -> Server:
    """A web process that leaves its answers to a worker."""
    worker()
    return spare(CHATSITE_RUNS="workers")


def ends_alike(*tabs: Any, asked: Asked) -> list[dict[str, Any]]:
    return [tab.until("run.finished", run=asked.run) for tab in tabs]


def test_a_tab_at_another_process_sees_the_answer_grow(
    ada: Person, other: Server, model: Model
) -> None:
    script = model.will_say("one ", pause, "two ", pause, "three")
    asked = ada.start(script)
    asked.socket.wait_for_text(asked.run, 4)
    there = ada.at(other).socket()
    ack = there.open(asked.conversation)
    assert [run["id"] for run in ack["runs"]] == [asked.run]
    there.wait_for_text(asked.run, 4)
    script.resume()
    there.wait_for_text(asked.run, 8)
    script.resume()
    finished = there.until("run.finished", run=asked.run)
    assert there.text(asked.run) == "one two three" == asked.finish().text
    assert finished == asked.finished


def test_a_tab_at_another_process_hears_of_a_new_question(
    ada: Person, other: Server, model: Model
) -> None:
    first = ada.ask(model.will_say("hello"))
    there = ada.at(other).socket()
    there.open(first.conversation)
    script = model.will_say("one ", pause, "two")
    asked = ada.start(script, conversation=first.conversation, socket=first.socket)
    question = there.until("message.created")
    assert question["message"]["text"] == script.question
    answer = there.until("message.created", message=asked.ack["message"])
    started = there.until("run.started")
    assert started["run"] == asked.ack["run"] and started["message"] == answer["message"]
    assert started["conversation"] == asked.ack["conversation"]
    there.wait_for_text(asked.run, 4)
    script.resume()
    there.until("run.finished", run=asked.run)
    assert there.text(asked.run) == "one two"
    kinds = [frame["type"] for frame in there.frames if "run" in frame or "message" in frame]
    assert kinds.count("message.created") == 2 and kinds.count("run.finished") == 1


def test_two_tabs_at_another_process_see_each_piece_once(
    ada: Person, other: Server, model: Model
) -> None:
    script = model.will_say([Say("word ", 0.01) for _ in range(150)])
    asked = ada.start(script)
    tabs = []
    for _ in range(3):
        tabs.append(ada.at(other).socket())
        tabs[-1].open(asked.conversation)
        time.sleep(0.2)
    ends_alike(*tabs, asked=asked)
    assert {tab.text(asked.run) for tab in tabs} == {"word " * 150}


def test_stop_from_another_process_closes_the_provider(
    ada: Person, other: Server, ground: Ground, half_told: HalfTold
) -> None:
    script, asked = half_told
    there = ada.at(other).socket()
    there.open(asked.conversation)
    there.wait_for_text(asked.run, 4)
    before = time.monotonic()
    there.call("run.stop", run=asked.run)
    assert script.request.wait_until_closed() - before < within(0.5)
    ends_alike(there, asked.socket, asked=asked)
    assert ground.row(Message, pk=asked.answer_id).text == "one "
    assert ground.row(Run, pk=asked.run).status == "stopped"


def test_the_same_id_at_two_processes_is_one_message(
    ada: Person, other: Server, model: Model
) -> None:
    script = model.will_say("one ", pause, "two")
    asked = ada.start(script, id="the-same-id")
    there = ada.at(other).start(script, id="the-same-id")
    assert there.ack == asked.ack
    there.socket.wait_for_text(asked.run, 4)
    script.resume()
    there.finish()
    assert there.text == "one two" == asked.finish().text and len(script.requests) == 1


def test_a_retry_is_shown_at_another_process(ada: Person, other: Server, model: Model) -> None:
    first = ada.ask(model.will_say("hello"))
    there = ada.at(other).socket()
    there.open(first.conversation)
    script = model.will_answer(fails(503, retry_after="2"), says("after all"))
    asked = ada.start(script, conversation=first.conversation, socket=first.socket)
    waiting = there.until("run.waiting", run=asked.run)
    assert waiting == asked.socket.until("run.waiting", run=asked.run)
    there.until("run.finished", run=asked.run)
    assert there.text(asked.run) == "after all"


def test_when_a_process_dies_a_tab_at_another_is_told(
    ada: Person, spare: Spare, model: Model
) -> None:
    dying, living = spare(), spare()
    asked = ada.at(dying).start(model.will_say("one ", pause, "two"))
    asked.socket.wait_for_text(asked.run, 4)
    there = ada.at(living).socket()
    there.open(asked.conversation)
    there.wait_for_text(asked.run, 4)
    asked.wait_until_kept(4)
    dying.signal(signal.SIGKILL)
    finished = there.until("run.finished", run=asked.run)
    assert finished["message"]["status"] == "interrupted"
    assert finished["message"]["error"]["code"] == "interrupted"
    assert there.text(asked.run) == "one "


def test_a_process_that_slept_learns_that_it_was_taken_for_dead(
    ada: Person, spare: Spare, ground: Ground, model: Model
) -> None:
    sleeping, awake = spare(), spare()
    script = model.will_say("one ", pause, "two", pause)
    asked = ada.at(sleeping).start(script)
    asked.socket.wait_for_text(asked.run, 4)
    asked.wait_until_kept(4)
    sleeping.signal(signal.SIGSTOP)
    try:
        there = ada.at(awake).socket()
        there.open(asked.conversation)
        there.until("run.finished", run=asked.run)
        script.resume()
    finally:
        sleeping.signal(signal.SIGCONT)
    asked.finish()
    assert (asked.status, asked.finished["length"]) == ("interrupted", 4)
    assert asked.text == "one ", "what came meanwhile is no longer ours to tell"
    script.request.wait_until_closed()
    assert ground.row(Message, pk=asked.answer_id).text == "one "


def test_a_worker_answers_for_a_web_process(
    ada: Person, worker: Workers, spare: Spare, ground: Ground, model: Model
) -> None:
    place = f"http://127.0.0.1:{free_port()}"
    worker(CHATSITE_WORKER_METRICS=place)
    script = model.will_say("one ", pause, "two")
    asked = ada.at(spare(CHATSITE_RUNS="workers")).start(script)
    assert asked.ack["run"]["status"] == "waiting"
    started = asked.socket.until("run.started")
    assert started["run"]["id"] == asked.run and started["run"]["status"] == "running"
    asked.socket.wait_for_text(asked.run, 4)
    script.resume()
    assert (asked.finish().status, asked.text) == ("complete", "one two")
    assert ground.row(Message, pk=asked.answer_id).text == "one two"
    assert len(script.requests) == 1
    told = httpx.get(
        f"{place}/metrics", timeout=PATIENCE
    ).text  # of its own call, and of all processes
    assert 'chatsite_runs_ended_total{error="",status="complete"} 1.0' in told
    assert 'chatsite_site_processes{kind="worker"} 1.0' in told


def test_a_deploy_of_the_web_ends_no_answer_of_a_worker(
    ada: Person, front: Server, spare: Spare, model: Model
) -> None:
    script = model.will_say("one ", pause, "two")
    asked = ada.at(front).start(script)
    held = asked.socket.wait_for_text(asked.run, 4)
    front.signal(signal.SIGTERM)
    assert asked.socket.close_code() == 1012 and front.wait() == 0
    after = ada.at(spare(CHATSITE_RUNS="workers")).socket()
    after.open(asked.conversation, {asked.run: {"text": len(held), "reasoning": 0}})
    script.resume()
    finished = after.until("run.finished", run=asked.run)
    assert finished["message"]["status"] == "complete"
    assert after.text(asked.run, start=4) == "two"


def test_stop_reaches_a_worker_and_a_run_that_none_has_taken(
    ada: Person, worker: Workers, spare: Spare, model: Model
) -> None:
    working = worker()
    web = spare(CHATSITE_RUNS="workers")
    script = model.will_say("one ", pause, "two")
    asked = ada.at(web).start(script)
    asked.socket.wait_for_text(asked.run, 4)
    asked.stop()
    assert asked.finish().status == "stopped" and asked.text == "one "
    assert working.stop() == 0
    waiting = ada.at(web).start(model.will_say("never"))
    waiting.stop()
    assert waiting.finish().status == "stopped"
    assert waiting.stored()["status"] == "stopped"


def test_a_run_waits_for_a_worker_which_knows_the_models_of_now(
    ada: Person, worker: Workers, spare: Spare, model: Model, llama: LanguageModel, ground: Ground
) -> None:
    """`/readyz` says that none is there. A model is withdrawn while its run waits, and offered again."""
    first = worker()
    web = spare(CHATSITE_RUNS="workers")
    first.stop()
    here = ada.at(web)
    asked = here.start(model.will_say("at last"))
    waiting = here.start("Are you there?", socket=here.socket(), options={"model": "llama"})
    ready, said = web.is_ready()
    assert not ready and "run_worker" in said
    llama.is_enabled = False
    ground.save(llama)
    worker()
    assert asked.finish().text == "at last"
    assert waiting.finish().error == "model_unavailable"
    assert "“llama” is not available. Choose" in waiting.stored()["error"]["message"]
    llama.is_enabled = True
    ground.save(llama)
    script, end = model.will_say("Baa."), time.monotonic() + SOON_SECONDS
    while not _is_answered(here, script) and time.monotonic() < end:
        time.sleep(0.1)
    assert script.requests and script.requests[-1].json["model"] == "llama-3.3-70b"


def _is_answered(person: Person, script: Script) -> bool:
    """By llama; not before the web process and the worker have heard of it."""
    try:
        return person.ask(script, options={"model": "llama"}).error is None
    except Refused:
        return False


def test_two_workers_share_what_waits_and_answer_it_once(
    ada: Person, worker: Workers, spare: Spare, model: Model
) -> None:
    worker(), worker()
    web = spare(CHATSITE_RUNS="workers")
    here = ada.at(web)
    scripts = [model.will_say(f"answer {number}") for number in range(12)]
    asked = [here.start(script, socket=here.socket()) for script in scripts]
    assert [one.finish().text for one in asked] == [f"answer {n}" for n in range(12)]
    assert [len(script.requests) for script in scripts] == [1] * 12
