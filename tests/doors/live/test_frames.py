"""Bad frames: one `error` each, and the socket lives."""

import json
import re
from typing import Any

import pytest

from tests.harness.people import Person
from tests.harness.sockets import Socket
from tests.stub_provider import Model

NOBODY = "01890000-0000-7000-8000-000000000000"
SEND: dict[str, Any] = {
    "conversation": None,
    "parent": None,
    "text": "hello",
    "images": [],
    "options": {},
}

# How pydantic and Python speak.
WORDS_FOR_PROGRAMMERS = re.compile(r"pydantic|Input should|valid \w+|Value error|permitted")

# frame as it goes over the wire, and the code that comes back
UNREADABLE: dict[str, tuple[str | bytes, str]] = {
    "not JSON": ("hello", "invalid_frame"),
    "half JSON": ('{"type": "ping", "id', "invalid_frame"),
    "empty": ("", "invalid_frame"),
    "a list": ("[]", "invalid_frame"),
    "a number": ("1", "invalid_frame"),
    "null": ("null", "invalid_frame"),
    "a string": ('"ping"', "invalid_frame"),
    "NUL": ("\x00", "invalid_frame"),
    "NaN": ('{"type": "ping", "id": NaN}', "invalid_frame"),
    "deep": ("[" * 100_000 + "]" * 100_000, "invalid_frame"),
    "binary": (b'{"type": "ping", "id": "b"}', "invalid_frame"),
    "binary rubbish": (bytes(range(256)), "invalid_frame"),
    "1 MB of rubbish": ("x" * 1_000_000, "too_large"),
    "1 MB of bytes": (bytes(1_000_000), "too_large"),
    "just too large": ('{"type":"ping","id":"' + "x" * (256 * 1024) + '"}', "too_large"),
    "4 MiB less a little": ("x" * (4 * 1024 * 1024 - 100), "too_large"),
}


@pytest.mark.parametrize(("data", "code"), UNREADABLE.values(), ids=UNREADABLE.keys())
def test_what_cannot_be_read_gets_one_error_without_id(
    ada: Person, data: str | bytes, code: str
) -> None:
    socket = ada.socket()
    socket.send_raw(data)
    error = socket.until("error")
    assert (error["id"], error["code"]) == (None, code)
    assert_one_error(socket)


@pytest.mark.parametrize("place", ["first", "last"])
def test_a_frame_that_is_too_long_gets_one_error_with_its_id(ada: Person, place: str) -> None:
    long = {**SEND, "type": "message.send", "text": 'She said: "id", {1}, \\ ' * 20_000}
    socket = ada.socket()
    socket.send({"id": "mine", **long} if place == "first" else {**long, "id": "mine"})
    error = socket.until("error")
    assert (error["id"], error["code"]) == ("mine", "too_large")
    assert_one_error(socket)


def assert_one_error(socket: Socket) -> None:
    assert socket.lives()
    errors = [frame for frame in socket.frames if frame["type"] == "error"]
    assert len(errors) == 1
    assert set(errors[0]) <= {"type", "id", "code", "message", "retry_after"}
    message = errors[0]["message"]
    assert message[-1] in ".!?"
    assert not WORDS_FOR_PROGRAMMERS.search(message), message


def wrong(frame: dict[str, Any], code: str = "invalid_frame") -> tuple[dict[str, Any], str]:
    return frame, code


READABLE = {
    "unknown type": wrong({"type": "message.sing"}, "unknown_type"),
    "type of another case": wrong({"type": "Ping"}, "unknown_type"),
    "no type": wrong({}),
    "type is a number": wrong({"type": 5}),
    "type is null": wrong({"type": None}),
    "type is a list": wrong({"type": ["ping"]}),
    "unknown field": wrong({"type": "ping", "more": 1}),
    "no conversation": wrong({"type": "conversation.open", "have": {}}),
    "conversation is a number": wrong({"type": "conversation.open", "conversation": 7, "have": {}}),
    "conversation is an object": wrong(
        {"type": "conversation.open", "conversation": {}, "have": {}}
    ),
    "conversation is nobody's": wrong(
        {"type": "conversation.open", "conversation": NOBODY, "have": {}}, "not_found"
    ),
    "have is a list": wrong({"type": "conversation.open", "conversation": NOBODY, "have": [1]}),
    "have is negative": wrong(
        {"type": "conversation.open", "conversation": NOBODY, "have": {NOBODY: {"text": -1}}}
    ),
    "have is words": wrong(
        {"type": "conversation.open", "conversation": NOBODY, "have": {NOBODY: {"text": "all"}}}
    ),
    "run is nobody's": wrong({"type": "run.stop", "run": NOBODY}, "not_found"),
    "no run": wrong({"type": "run.stop"}),
    "no text": wrong({"type": "message.send", **{k: v for k, v in SEND.items() if k != "text"}}),
    "text is a number": wrong({"type": "message.send", **SEND, "text": 5}),
    "text is a list": wrong({"type": "message.send", **SEND, "text": ["a"]}),
    "images is a word": wrong({"type": "message.send", **SEND, "images": "a"}),
    "image is nobody's": wrong({"type": "message.send", **SEND, "images": [NOBODY]}, "not_found"),
    "options is a word": wrong({"type": "message.send", **SEND, "options": "hot"}),
    "temperature is a word": wrong(
        {"type": "message.send", **SEND, "options": {"temperature": "hot"}}
    ),
    "temperature is too hot": wrong(
        {"type": "message.send", **SEND, "options": {"temperature": 99}}
    ),
    "detail is unknown": wrong({"type": "message.send", **SEND, "options": {"detail": "sharp"}}),
    "unknown option": wrong({"type": "message.send", **SEND, "options": {"stream": False}}),
    "edit without text": wrong({"type": "message.edit", "message": NOBODY}),
    "edit of nobody's": wrong(
        {"type": "message.edit", "message": NOBODY, "text": "x"}, "not_found"
    ),
    "edit with eleven images": wrong(
        {"type": "message.edit", "message": NOBODY, "text": "x", "images": [NOBODY] * 11}
    ),
    "regenerate nobody's": wrong({"type": "message.regenerate", "message": NOBODY}, "not_found"),
    "regenerate with a text": wrong({"type": "message.regenerate", "message": NOBODY, "text": "x"}),
    "continue nobody's": wrong({"type": "message.continue", "message": NOBODY}, "not_found"),
    "continue with options": wrong({"type": "message.continue", "message": NOBODY, "options": {}}),
    "half a pair in a field's name": wrong({"type": "ping", "\ud800": 1}),
    "half a pair in an option's name": wrong(
        {"type": "message.send", **SEND, "options": {"\udc00": 1}}
    ),
    "half a pair in have": wrong(
        {"type": "conversation.open", "conversation": NOBODY, "have": {"\ud800" * 36: {}}}
    ),
    "NUL in a field's name": wrong({"type": "ping", "a\x00": 1}),
    "parent without conversation": wrong({"type": "message.send", **SEND, "parent": NOBODY}, "*"),
}


@pytest.mark.parametrize(("frame", "code"), READABLE.values(), ids=READABLE.keys())
def test_a_wrong_frame_gets_one_error_with_its_id(
    ada: Person, frame: dict[str, Any], code: str
) -> None:
    socket = ada.socket()
    socket.send({"id": "mine", **frame})
    error = socket.until("error")
    assert error["id"] == "mine"
    assert code == "*" or error["code"] == code
    assert_one_error(socket)


def test_a_conversation_that_is_no_uuid_is_not_found_or_invalid(ada: Person) -> None:
    socket = ada.socket()
    error = socket.refusal("conversation.open", conversation="../../etc/passwd", have={})
    assert error["code"] in ("not_found", "invalid_frame")
    assert_one_error(socket)


@pytest.mark.parametrize(
    "id", [5, ["a"], {"a": 1}, True, "", "x" * 65, "\x00", "\x00" * 64, "a\x00", "a\ud800"]
)
def test_an_id_that_is_none_gets_an_error(ada: Person, id: object) -> None:
    socket = ada.socket()
    socket.send({"type": "ping", "id": id})
    assert socket.until("error")["code"] == "invalid_frame"
    assert_one_error(socket)


def test_more_than_4_mib_closes_with_1009(ada: Person) -> None:
    socket = ada.socket()
    socket.send_raw("x" * (4 * 1024 * 1024 + 1000))
    assert socket.close_code() == 1009


def test_a_hundred_bad_frames_get_a_hundred_errors(ada: Person) -> None:
    socket = ada.socket()
    for _ in range(100):
        socket.send_raw("{")
    assert socket.lives()
    assert len([f for f in socket.frames if f["type"] == "error"]) == 100


def test_a_good_frame_after_bad_ones_is_served(ada: Person, model: Model) -> None:
    socket = ada.socket()
    socket.send_raw(b"\xff\xfe")
    socket.send_raw(json.dumps({"type": "nonsense", "id": "1"}))
    assert ada.ask(model.will_say("still here"), socket=socket).text == "still here"


def test_a_message_too_large_for_a_frame_goes_by_http(ada: Person, model: Model) -> None:
    script = model.will_say("read", asked="wort " * 100_000)
    answer = ada.api("POST", "messages", json={"text": script.question, "wait": True})
    assert answer["message"]["text"] == "read"
    assert script.request.last_user_text == script.question
