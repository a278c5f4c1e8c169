"""The provider breaks off: what came is kept, and a person is told in words what happened."""

import pytest

from tests.features.provider_kit import told_in_words
from tests.harness.people import Person
from tests.stub_provider import (
    Event,
    Model,
    Raw,
    Reply,
    Sleep,
    Step,
    Think,
    answers_html,
    cut,
    end_of_body,
    finished,
    pause,
    reset,
    says,
    stall,
)

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
    "blank": says(" \n", "\n"),
    "thinking alone": says(Think("hm")),
    "thinking that never ends": says("<think>", "hm"),
    "no room but for thinking": says(Think("hm"), finish="length"),
}


@pytest.mark.parametrize("reply", EMPTY.values(), ids=EMPTY.keys())
def test_an_empty_answer_has_failed(ada: Person, model: Model, reply: Reply) -> None:
    asked = ada.ask(model.will_answer(reply), timeout=30)
    assert (asked.status, asked.text.strip(), asked.error) == ("failed", "", "provider_error")
    told_in_words(asked)


def test_why_an_answer_is_empty_is_told(ada: Person, model: Model) -> None:
    def sentence(reply: Reply) -> str:
        return str(ada.ask(model.will_answer(reply)).finished["message"]["error"]["message"])

    assert "thought about it" in sentence(says("<think>", "hm"))
    assert "length" in sentence(says(Think("hm"), finish="length"))
    assert "empty" in sentence(says())


# The finish reason has come: nothing that comes behind it makes the answer less whole.
BEHIND: dict[str, Step] = {
    "cut": cut,
    "reset": reset,
    "garbage": Raw(b"\x00garbage\ndata: %%%\n\n"),
    "error": Event({"error": {"message": "x", "type": "server_error"}}),
    "silence": stall,
}


@pytest.mark.parametrize("behind", BEHIND.values(), ids=BEHIND.keys())
def test_behind_its_finish_reason_an_answer_is_whole(
    ada: Person, model: Model, behind: Step
) -> None:
    script = model.will_say("whole", finished(), Sleep(0.2), behind, finish=None, usage=None)
    asked = ada.ask(script)
    assert (asked.status, asked.text, asked.error) == ("complete", "whole", None)
    assert asked.stored()["finish_reason"] == "stop"
    assert asked.stored()["usage"] is None, "nobody said what it took"


def test_a_reload_in_mid_stream_loses_nothing(ada: Person, model: Model) -> None:
    script = model.will_say("one ", "two ", pause, "three")
    asked = ada.start(script)
    asked.socket.wait_for_text(asked.run, 8)
    asked.socket.silence(0.6)
    assert asked.stored()["text"] in ("", "one two ")
    back = ada.socket()
    back.open(asked.conversation)
    assert back.wait_for_text(asked.run, 8) == "one two "
