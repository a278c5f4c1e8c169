"""Asking by HTTP: once for each key, answered at once or with the whole answer, with pictures."""

import base64
import secrets
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from conversations.models import Message, Run
from tests.harness.database import Ground
from tests.harness.people import Http, Person
from tests.harness.pictures import png
from tests.harness.server import Server
from tests.stub_provider import Model, Script, fails, pause


def key() -> dict[str, str]:
    return {"Idempotency-Key": secrets.token_hex(8)}


def asked(script: Script, **fields: Any) -> dict[str, Any]:
    return {"text": script.question, **fields}


def post(ada: Person, path: str, **more: Any) -> Any:
    """In a client of its own, for use beside the person's other calls."""
    with Http(ada.server, ada.cookies) as own:
        return own.post(f"/api/v1/{path}", **more)


def test_the_ack_comes_while_the_answer_is_still_written(ada: Person, model: Model) -> None:
    script = model.will_say("one ", pause, "two")
    sent = ada.api("POST", "messages", json=asked(script), expect=201)
    assert sent["message"]["status"] == sent["run"]["status"] == "running"
    assert sent["message"]["text"] == ""
    script.wait_until_paused()
    assert ada.api("GET", f"runs/{sent['run']['id']}")["status"] == "running"
    script.resume()


def test_the_same_key_again_gets_the_first_ack_word_for_word(
    ada: Person, ground: Ground, model: Model
) -> None:
    script, headers = model.will_say("once"), key()
    first = ada.http.post("/api/v1/messages", json=asked(script), headers=headers)
    done = ada.http.post("/api/v1/messages", json=asked(script, wait=True), headers=headers)
    again = ada.http.post("/api/v1/messages", json=asked(script), headers=headers)
    assert (first.status_code, done.status_code, again.status_code) == (201, 200, 201)
    assert again.json() == first.json()
    assert done.json()["message"]["text"] == "once"
    assert len(script.requests) == 1
    conversation = first.json()["conversation"]["id"]
    assert len(ground.rows(Message, conversation_id=conversation)) == 2


def test_a_key_used_on_the_socket_is_known_here(ada: Person, model: Model) -> None:
    script, headers = model.will_say("once"), key()
    ack = ada.socket().call("message.send", id=headers["Idempotency-Key"], text=script.question)
    sent = ada.api("POST", "messages", json=asked(script), headers=headers, expect=201)
    assert sent == {name: ack[name] for name in sent}


def test_an_edit_longer_than_a_frame_is_done_once_on_both_doors(
    ada: Person, model: Model, ground: Ground
) -> None:
    first = ada.ask(model.will_say("cold"))
    script, headers = model.will_say("warm"), key()
    wish = {"message": first.question_id, "text": f"{'x' * 300_000} {script.question}"}
    whole = ada.api("POST", "edits", json={**wish, "wait": True}, headers=headers)
    assert whole["message"]["text"] == "warm"
    assert whole["user_message"]["siblings"] == [first.question_id, whole["user_message"]["id"]]
    again = ada.api("POST", "edits", json=wish, headers=headers, expect=201)
    assert again["run"]["id"] == whole["run"]["id"]
    short: dict[str, Any] = {"message": first.question_id, "text": model.will_say("x").question}
    same = key()
    ack = first.socket.call("message.edit", id=same["Idempotency-Key"], **short)
    sent = ada.api("POST", "edits", json=short, headers=same, expect=201)
    assert sent == {name: ack[name] for name in sent}
    assert len(script.requests) == 1
    assert len(ground.rows(Message, parent_id=None, conversation_id=first.conversation)) == 3


def test_an_edit_that_makes_no_sense_is_refused(ada: Person, model: Model) -> None:
    asked_first = ada.ask(model.will_say("cold"))
    for wrong in ({"text": "x"}, {"text": " "}, {"text": 1}, {"text": "x", "more": 1}):
        message = asked_first.answer_id if wrong == {"text": "x"} else asked_first.question_id
        error = ada.api("POST", "edits", json={"message": message, **wrong}, expect=400)["error"]
        assert error["code"] == "invalid", wrong
    long = {"message": asked_first.question_id, "text": "x" * (4 * 1024 * 1024 + 1)}
    assert ada.api("POST", "edits", json=long, expect=413)["error"]["code"] == "too_large"


def test_the_same_key_with_other_words_is_a_conflict(ada: Person, model: Model) -> None:
    script, headers = model.will_say("once"), key()
    ada.api("POST", "messages", json=asked(script), headers=headers, expect=201)
    other = {"text": "something else"}
    error = ada.api("POST", "messages", json=other, headers=headers, expect=409)["error"]
    assert error["code"] == "conflict"


def test_many_posts_of_one_key_at_once_are_one(ada: Person, ground: Ground, model: Model) -> None:
    script, headers = model.will_say("once"), key()
    body = asked(script, wait=True)
    with ThreadPoolExecutor(12) as pool:
        calls = [pool.submit(post, ada, "messages", json=body, headers=headers) for _ in range(12)]
        answers = [call.result() for call in calls]
    assert {answer.status_code for answer in answers} == {200}
    assert {answer.json()["message"]["text"] for answer in answers} == {"once"}
    assert len(script.requests) == 1
    assert len(ground.rows(Run, user_id=ada.id)) == 1


@pytest.mark.parametrize("value", ["", "x" * 65])
def test_a_key_has_1_to_64_characters(ada: Person, value: str) -> None:
    headers = {"Idempotency-Key": value}
    error = ada.api("POST", "messages", json={"text": "x"}, headers=headers, expect=400)["error"]
    assert list(error["fields"]) == ["Idempotency-Key"]


def test_without_a_key_the_same_words_are_two_questions(ada: Person, model: Model) -> None:
    script = model.will_say("each")
    runs = {
        ada.api("POST", "messages", json=asked(script), expect=201)["run"]["id"] for _ in range(2)
    }
    assert len(runs) == 2


def test_wait_ends_with_the_run_also_when_it_failed(ada: Person, model: Model) -> None:
    script = model.will_answer(fails(400, "no such thing"))
    sent = ada.api("POST", "messages", json=asked(script, wait=True))
    assert sent["message"]["status"] == sent["run"]["status"] == "failed"
    assert sent["message"]["error"]["code"].startswith("provider_")


def test_waiting_calls_hold_no_connection_to_postgres(ada: Person, model: Model) -> None:
    """More of them than the pool has connections (chatsite/databases.py), and the site lives."""
    script = model.will_say("one ", pause, "two")
    with ThreadPoolExecutor(24) as pool:
        body = asked(script, wait=True)
        calls = [pool.submit(post, ada, "messages", json=body) for _ in range(24)]
        script.wait_until_asked(24, timeout=30)
        assert len(ada.api("GET", "conversations")["items"]) == 24
        assert not any(call.done() for call in calls), "nobody had to leave for that"
        script.resume(24)
        answers = [call.result() for call in calls]
    assert {answer.status_code for answer in answers} == {200}
    assert {answer.json()["message"]["text"] for answer in answers} == {"one two"}


def test_a_server_that_leaves_tells_who_waits(
    ada: Person, server_env: dict[str, str], model: Model
) -> None:
    leaving = Server("leaving-server", {**server_env, "CHATSITE_DRAIN_SECONDS": "1"}).start()
    script = model.will_say("one ", pause, "two")
    with ThreadPoolExecutor(1) as pool:
        body = asked(script, wait=True)
        waiting = pool.submit(post, ada.at(leaving), "messages", json=body)
        script.wait_until_paused()
        assert leaving.stop() == 0
        ended = waiting.result().json()
    assert ended["message"]["status"] == ended["run"]["status"] == "interrupted"
    assert ended["message"]["text"] == "one "


def test_stop_ends_the_answer_and_who_waits_for_it(ada: Person, model: Model) -> None:
    script, headers = model.will_say("one ", pause, "two"), key()
    sent = ada.api("POST", "messages", json=asked(script), headers=headers, expect=201)
    script.wait_until_paused()
    with ThreadPoolExecutor(1) as pool:
        body = asked(script, wait=True)
        waiting = pool.submit(post, ada, "messages", json=body, headers=headers)
        time.sleep(0.3)
        run = ada.api("POST", f"runs/{sent['run']['id']}/stop")
        ended = waiting.result().json()
    assert run["status"] == ended["run"]["status"] == "stopped"
    assert run["finished_at"]
    assert ended["message"]["text"] == "one "


def test_deleting_a_conversation_stops_its_answer(ada: Person, model: Model) -> None:
    script = model.will_say("one ", pause, "two")
    sent = ada.api("POST", "messages", json=asked(script), expect=201)
    script.wait_until_paused()
    ada.api("DELETE", f"conversations/{sent['conversation']['id']}", expect=204)
    script.request.wait_until_closed()
    ada.api("GET", f"runs/{sent['run']['id']}", expect=404)


def test_a_run_of_another_person_is_not_found(ada: Person, cleo: Person, model: Model) -> None:
    script = model.will_say("one ", pause, "two")
    run = ada.api("POST", "messages", json=asked(script), expect=201)["run"]["id"]
    cleo.api("GET", f"runs/{run}", expect=404)
    cleo.api("POST", f"runs/{run}/stop", expect=404)
    assert ada.api("GET", f"runs/{run}")["status"] == "running"
    script.resume()


def data_url(picture: bytes) -> str:
    return f"data:image/png;base64,{base64.b64encode(picture).decode()}"


def test_vision_shows_the_model_each_picture_in_base64(ada: Person, model: Model) -> None:
    script = model.will_say("Two pictures.")
    form = {"prompt": script.question, "detail": "low", "wait": "true"}
    urls = {"image_url": data_url(png(12, 10))}
    sent = ada.api(
        "POST", "vision", data={**form, **urls}, files={"file": ("a.png", png(20, 10), "text/x")}
    )
    assert sent["message"]["text"] == "Two pictures."
    assert [image["width"] for image in sent["user_message"]["images"]] == [20, 12]
    assert len(script.request.images()) == 2
    assert script.request.images()[0].startswith(b"\x89PNG")
    parts = script.request.messages[-1]["content"]
    details = {part["image_url"]["detail"] for part in parts if part["type"] == "image_url"}
    assert details == {"low"}


def test_vision_without_wait_answers_at_once_and_once_for_a_key(ada: Person, model: Model) -> None:
    script, headers, picture = model.will_say("one ", pause, "two"), key(), png(9, 9)
    form = {"prompt": script.question, "conversation": "", "model": "", "detail": "", "wait": ""}
    more: dict[str, Any] = {"data": form, "headers": headers}
    first, again = (
        ada.api("POST", "vision", files={"file": ("a.png", picture)}, expect=201, **more)
        for _ in range(2)
    )
    assert again == first
    assert first["run"]["status"] == "running"
    script.resume()


def test_vision_goes_on_in_a_conversation_with_a_model(ada: Person, model: Model) -> None:
    talk = ada.api("POST", "conversations", expect=201)["id"]
    script = model.will_say("A dot.")
    form = {"prompt": script.question, "conversation": talk, "model": "gpt-4o", "wait": "1"}
    sent = ada.api("POST", "vision", data=form, files={"file": ("a.png", png(9, 9))})
    assert sent["conversation"]["id"] == talk
    assert sent["run"]["model"] == script.request.json["model"] == "gpt-4o"


def test_a_picture_without_words_gets_a_question(ada: Person) -> None:
    sent = ada.api("POST", "vision", files={"file": ("a.png", png(9, 9))}, expect=201)
    assert sent["user_message"]["text"] == "Describe this picture."


@pytest.mark.parametrize(
    ("form", "field"),
    [
        ({}, "file"),
        ({"image_url": "https://127.0.0.1:22/a.png"}, "image_url"),
        ({"image_url": "example.org/a.png"}, "image_url"),
        ({"image_url": "file:///etc/passwd"}, "image_url"),
        ({"image_url": "data:image/png;base64,@@@"}, "image_url"),
        ({"image_url": "data:image/png,plain"}, "image_url"),
        ({"image_url": "data:text/html;base64,eA=="}, "image_url"),
        ({"detail": "huge"}, "detail"),
        ({"conversation": "x"}, "conversation"),
        ({"wait": "perhaps"}, "wait"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_vision_says_which_field_is_wrong(ada: Person, form: dict[str, str], field: str) -> None:
    files = {name: (None, value) for name, value in {"prompt": "?", **form}.items()}
    error = ada.api("POST", "vision", files=files, expect=400)["error"]
    assert error["code"] == "invalid" and list(error["fields"]) == [field]


def test_vision_takes_ten_pictures_of_both_kinds_and_no_more(ada: Person) -> None:
    picture = png(3, 3)
    urls = [("image_url", (None, data_url(picture).encode()))] * 5
    files = [("file", ("a.png", picture))] * 5
    sent = ada.api("POST", "vision", files=[*urls, *files], expect=201)
    assert len(sent["user_message"]["images"]) == 10
    ada.api("POST", "vision", files=[*urls, *files, *urls[:1]], expect=400)
