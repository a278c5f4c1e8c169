"""The provider misbehaves: what came is kept, and a person is told in words what happened."""

import pytest

from conversations.models import ProviderCall
from tests.harness.database import Ground
from tests.harness.people import Asked, Person
from tests.stub_provider import (
    Chunk,
    Comments,
    Event,
    Model,
    Raw,
    Reply,
    answers_html,
    cut,
    deltas,
    end_of_body,
    fails,
    pause,
    reset,
    says,
)

LEAKS = ("Traceback", "127.0.0.1", "sk-stub", "Error(", "openai", "httpx", "{", "<html")


def told_in_words(asked: Asked) -> None:
    """`error` is for the person who reads it, and the same live and stored."""
    message = asked.stored()["error"]["message"]
    assert message == asked.finished["message"]["error"]["message"]
    assert message[0].isupper() and message.rstrip()[-1] in ".!?"
    assert not [leak for leak in LEAKS if leak in message], message


def test_a_busy_provider_is_asked_again_and_the_reader_told(ada: Person, model: Model) -> None:
    script = model.will_answer(fails(503), says("after all"))
    asked = ada.ask(script)
    waiting = asked.socket.until("run.waiting", run=asked.run)
    assert waiting["reason"] and waiting["attempt"] >= 1 and waiting["retry_in"] >= 0
    assert (asked.status, asked.text) == ("complete", "after all")
    assert len(script.requests) == 2


def test_retry_after_is_waited_for(ada: Person, model: Model) -> None:
    script = model.will_answer(fails(429, retry_after="1"), says("after all"))
    assert ada.ask(script).text == "after all"
    first, second = script.requests
    assert 0.9 < second.arrived_at - first.arrived_at < 4


@pytest.mark.parametrize("retry_after", ["nonsense", "-5", "Fri, 31 Dec 1999 23:59:59 GMT", ""])
def test_a_strange_retry_after_does_no_harm(ada: Person, model: Model, retry_after: str) -> None:
    script = model.will_answer(fails(429, retry_after=retry_after), says("after all"))
    assert ada.ask(script).text == "after all"


def test_an_hour_of_retry_after_is_not_waited_for(ada: Person, model: Model) -> None:
    asked = ada.ask(model.will_fail(429, retry_after="3600"))
    assert (asked.status, asked.error) == ("failed", "provider_rate_limited")


def test_at_most_three_attempts(ada: Person, ground: Ground, model: Model) -> None:
    script = model.will_fail(500)
    asked = ada.ask(script, timeout=30)
    assert len(script.requests) == 3
    assert (asked.status, asked.error) == ("failed", "provider_unavailable")
    assert len(ground.rows(ProviderCall, run=asked.run)) == 3
    told_in_words(asked)


# What the request itself got wrong is never tried again.
AT_ONCE = [
    (fails(400), "provider_rejected"),
    (fails(401), "provider_auth"),
    (fails(403), "provider_auth"),
    (fails(404), "model_unavailable"),
    (fails(400, code="context_length_exceeded"), "context_too_long"),
    (fails(400, code="content_filter"), "content_filtered"),
]


@pytest.mark.parametrize(("reply", "code"), AT_ONCE, ids=[str(case[1]) for case in AT_ONCE])
def test_an_error_of_our_own_is_told_at_once(
    ada: Person, model: Model, reply: Reply, code: str
) -> None:
    script = model.will_answer(reply)
    asked = ada.ask(script)
    assert (asked.status, asked.error, len(script.requests)) == ("failed", code, 1)
    told_in_words(asked)


# The stream had begun and ended without a finish reason.
BROKEN = {
    "clean end of file": says("half", end_of_body),
    "done without finish reason": says("half", finish=None),
    "cut": says("half", cut),
    "reset": says("half", pause, reset),  # a reset may overtake what was not read yet
    "half an event": says("half", Raw(b'data: {"id": "x", "cho'), end_of_body),
    "garbage": says("half", Raw(b"\x00\x01garbage\ndata: %%%\n\n"), end_of_body),
    "wrong UTF-8": says("half", Raw(b'data: {"choices": "\xff\xfe"}\n\n'), end_of_body),
}


@pytest.mark.parametrize("reply", BROKEN.values(), ids=BROKEN.keys())
def test_an_answer_that_was_cut_never_looks_finished(
    ada: Person, model: Model, reply: Reply
) -> None:
    script = model.will_answer(reply)
    asked = ada.start(script)
    asked.socket.wait_for_text(asked.run, 4)
    script.resume()
    asked.finish()
    assert (asked.status, asked.error, asked.text) == ("interrupted", "interrupted", "half")
    assert asked.stored()["text"] == "half" and asked.stored()["finish_reason"] in (None, "")
    told_in_words(asked)


FAILED = {
    "error inside data": says(
        "half", Event({"error": {"message": "x", "type": "server_error"}}), end_of_body
    ),
    "event: error": says("half", Event({"message": "x"}, "error"), end_of_body),
    "content filter": says("half", finish="content_filter"),
}


@pytest.mark.parametrize("reply", FAILED.values(), ids=FAILED.keys())
def test_a_failure_in_mid_stream_keeps_the_text(ada: Person, model: Model, reply: Reply) -> None:
    asked = ada.ask(model.will_answer(reply))
    assert (asked.status, asked.text) == ("failed", "half")
    assert asked.stored()["text"] == "half"
    told_in_words(asked)


EMPTY = {
    "nothing at all": says(end_of_body),
    "HTML with 200": answers_html(200),
    "plain JSON with 200": Reply(body=b'{"hello": "there"}'),
    "a finish reason alone": says(),
}


@pytest.mark.parametrize("reply", EMPTY.values(), ids=EMPTY.keys())
def test_an_empty_answer_has_failed(ada: Person, model: Model, reply: Reply) -> None:
    asked = ada.ask(model.will_answer(reply), timeout=30)
    assert (asked.status, asked.text) == ("failed", "")
    told_in_words(asked)


def test_html_from_a_proxy_is_tried_again_and_never_shown(ada: Person, model: Model) -> None:
    script = model.will_answer(answers_html(502), says("after all"))
    assert ada.ask(script).text == "after all"


ODD = {
    "CRLF": says(deltas("grüße 😀", 2), newline="\r\n"),
    "one-byte packets": says(deltas("grüße 😀", 2), packet=1),
    "comments between": says("grüße ", Comments(0.01, 5), "😀"),
    "delta null": says(
        "grüße ", Chunk({"choices": [{"index": 0, "delta": None, "finish_reason": None}]}), "😀"
    ),
    "usage twice": says("grüße ", Chunk({"choices": [], "usage": {"prompt_tokens": 1}}), "😀"),
}


@pytest.mark.parametrize("reply", ODD.values(), ids=ODD.keys())
def test_an_odd_but_whole_answer_is_complete(ada: Person, model: Model, reply: Reply) -> None:
    asked = ada.ask(model.will_answer(reply))
    assert (asked.status, asked.text) == ("complete", "grüße 😀")
    assert asked.stored()["text"] == "grüße 😀"


def test_negative_usage_is_not_believed(ada: Person, model: Model) -> None:
    odd = {"prompt_tokens": -4, "completion_tokens": -1, "total_tokens": -5}
    asked = ada.ask(model.will_say("x", usage=odd))
    assert asked.status == "complete"
    usage = asked.stored()["usage"] or {}
    assert all(count is None or count >= 0 for count in usage.values())


def test_nul_and_surrogates_from_the_provider_are_cleaned(ada: Person, model: Model) -> None:
    asked = ada.ask(model.will_say("a\x00b ", "\ud83d", "\ude00 ", "\udc00c", "\ud800"))
    assert asked.text == "ab 😀 c"
    assert asked.stored()["text"] == "ab 😀 c"
    assert asked.finished["length"] == len("ab 😀 c")


def test_a_reload_in_mid_stream_loses_nothing(ada: Person, model: Model) -> None:
    script = model.will_say("one ", "two ", pause, "three")
    asked = ada.start(script)
    asked.socket.wait_for_text(asked.run, 8)
    asked.socket.silence(0.6)
    assert asked.stored()["text"] in ("", "one two ")
    back = ada.socket()
    back.open(asked.conversation)
    assert back.wait_for_text(asked.run, 8) == "one two "
