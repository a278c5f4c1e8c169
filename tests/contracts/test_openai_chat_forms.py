"""Servers that are compatible after their own fashion: content in parts, or all at once and no stream."""

import json
from typing import Any

import pytest

from conversations.errors import ProviderProblem, ProviderRateLimited, ProviderUnavailable
from conversations.provider.interface import Usage
from tests.contracts.port import Heard, ask
from tests.stub_provider import Chunk, Reply, Stub, cut, says
from tests.stub_provider import Model as Scripts
from tests.stub_provider.steps import Raw

ANSWER = {
    "object": "chat.completion",
    "choices": [
        {"message": {"role": "assistant", "content": "<think>hm</think>\n\none two"}, "finish_reason": "stop"}
    ],
    "usage": {"prompt_tokens": 11, "completion_tokens": 7},
}  # fmt: skip


def in_parts(*parts: Any) -> Chunk:
    return Chunk({"choices": [{"index": 0, "delta": {"content": [*parts]}, "finish_reason": None}]})


def text(said: str) -> dict[str, Any]:
    return {"type": "text", "text": said}


def sent_whole(stub: Stub, model: Scripts, body: bytes, **how: Any) -> Heard:
    return ask(stub, model.will_answer(Reply(body=body, **how)))


def test_content_in_parts_is_text_and_thinking(stub: Stub, model: Scripts) -> None:
    script = model.will_say(
        in_parts({"type": "thinking", "thinking": [text("hm, "), text("well")]}),
        in_parts({"type": "thinking", "thinking": "!"}, text("one ")),
        in_parts(None, "?", {"type": "reference", "reference_ids": [1]}, {"text": 7, "thinking": 7}),
        in_parts(text("two"), {"type": "refusal", "refusal": ", no more"}),
        " three",
    )  # fmt: skip
    heard = ask(stub, script)
    assert (heard.text, heard.reasoning) == ("one two, no more three", "hm, well!")
    assert heard.problem is None and heard.report.finish_reason == "stop"


@pytest.mark.parametrize("indent", [None, 2])
def test_a_whole_answer_instead_of_a_stream_is_the_answer(
    stub: Stub, model: Scripts, indent: int | None
) -> None:
    heard = sent_whole(stub, model, b"\n \n" + json.dumps(ANSWER, indent=indent).encode())
    assert (heard.text, heard.reasoning, heard.problem) == ("one two", "hm", None)
    assert heard.report.finish_reason == "stop"
    assert heard.report.usage == Usage(input=11, cached_input=0, output=7, reasoning=0)


def test_it_may_come_as_a_stream_in_packets_or_in_one_event(stub: Stub, model: Scripts) -> None:
    whole = json.dumps(ANSWER).encode()
    halves = Raw(b"\n"), Raw(whole[:50]), Raw(whole[50:])
    nothing: dict[str, Any] = {"finish": None, "usage": None}
    assert ask(stub, model.will_say(*halves, done=False, **nothing)).text == "one two"
    assert ask(stub, model.will_say(Raw(b"data: " + whole + b"\n\n"), **nothing)).text == "one two"


def test_a_message_behind_the_pieces_says_nothing_twice(stub: Stub, model: Scripts) -> None:
    again = Chunk({"choices": ANSWER["choices"]})
    assert ask(stub, model.will_say("one ", "two", again, finish=None)).text == "one two"


def test_an_error_with_200_and_no_stream_has_its_name(stub: Stub, model: Scripts) -> None:
    error = {"error": {"message": "Slow down.", "type": "rate_limit_error"}}
    heard = sent_whole(stub, model, json.dumps(error).encode())
    assert isinstance(heard.problem, ProviderRateLimited) and "Slow down." in heard.report.detail
    heard = sent_whole(stub, model, b'{"status": "ready"}')
    assert isinstance(heard.problem, ProviderProblem) and "no answer in it" in heard.report.detail


def test_half_of_a_whole_answer_is_none_and_may_be_asked_for_again(
    stub: Stub, model: Scripts
) -> None:
    half = Raw(json.dumps(ANSWER).encode()[:90])
    heard = ask(stub, model.will_answer(says(half, cut)))
    assert (heard.text, heard.report.began) == ("", False)
    assert isinstance(heard.problem, ProviderUnavailable)
