"""What one person may use at once, on a server with narrow limits."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.harness.people import Person
from tests.harness.server import Server
from tests.stub_provider import Model, pause


@pytest.fixture(scope="module")
def strict(server: Server, server_env: dict[str, str]) -> Iterator[Server]:
    limits = {
        "CHATSITE_USER_REQUESTS_PER_MINUTE": "3",
        "CHATSITE_USER_SOCKETS": "2",
        "CHATSITE_USER_RUNS": "1",
    }
    running = Server("strict-server", {**server_env, **limits}).start()
    yield running
    running.stop()


@pytest.fixture
def ada(ada: Person, strict: Server) -> Iterator[Person]:
    here = ada.at(strict)
    yield here
    here.leave()


def command(text: str, **fields: Any) -> dict[str, Any]:
    return {
        "conversation": None,
        "parent": None,
        "text": text,
        "images": [],
        "options": {},
        **fields,
    }


def test_the_fourth_message_of_a_minute_is_rate_limited_and_says_until_when(
    ada: Person, model: Model
) -> None:
    script = model.will_say("ok")
    for _ in range(3):
        assert ada.ask(script).status == "complete"
    error = ada.sockets[0].refusal("message.send", **command("one more"))
    assert error["code"] == "rate_limited" and 1 <= error["retry_after"] <= 60
    assert len(script.requests) == 3


def test_edits_and_tries_count_as_messages(ada: Person, model: Model) -> None:
    asked = ada.ask(model.will_say("ok"))
    text = model.will_say("fine").question
    edited = asked.socket.call("message.edit", message=asked.question_id, text=text)
    asked.socket.until("run.finished", run=edited["run"]["id"])
    again = asked.socket.call("message.regenerate", message=edited["message"]["id"])
    asked.socket.until("run.finished", run=again["run"]["id"])
    for kind in ("message.regenerate", "message.continue"):
        error = asked.socket.refusal(kind, message=asked.answer_id)
        assert error["code"] == "rate_limited"


def test_an_edit_may_take_the_place_of_the_only_answer_under_way(ada: Person, model: Model) -> None:
    asked = ada.start(model.will_say("one ", pause, "two"))
    text = model.will_say("fine").question
    edited = asked.socket.call("message.edit", message=asked.question_id, text=text)
    finished = asked.socket.until("run.finished", run=edited["run"]["id"])
    assert finished["message"]["status"] == "complete"


def test_http_counts_with_the_socket_and_has_retry_after(ada: Person, model: Model) -> None:
    script = model.will_say("ok")
    ada.ask(script)
    for _ in range(2):
        ada.api("POST", "messages", json={"text": script.question, "wait": True})
    answer = ada.http.post("/api/v1/messages", json={"text": "one more"})
    assert answer.status_code == 429
    error = answer.json()["error"]
    assert error["code"] == "rate_limited" and 1 <= error["retry_after"] <= 60


def test_a_second_answer_at_once_is_refused_until_the_first_is_done(
    ada: Person, model: Model
) -> None:
    script = model.will_say("one ", pause, "two")
    asked = ada.start(script)
    error = asked.socket.refusal("message.send", **command("meanwhile"))
    assert error["code"] == "rate_limited"
    script.resume()
    asked.finish()
    assert ada.ask(model.will_say("fine")).status == "complete"


def test_one_socket_too_many_is_closed_and_the_others_live(ada: Person) -> None:
    first, second = ada.socket(), ada.socket()
    assert ada.socket(ready=False).close_code() == 4429
    assert first.lives() and second.lives()
    first.close()
    second.silence(0.3)
    assert ada.socket().lives()


def test_limits_are_one_persons_own(ada: Person, ben: Person, strict: Server, model: Model) -> None:
    script = model.will_say("ok")
    for _ in range(3):
        ada.ask(script)
    here = ben.at(strict)
    assert here.ask(script).status == "complete"
    here.leave()
