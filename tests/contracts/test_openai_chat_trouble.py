"""The stream breaks or is odd: what came before a break is kept, what is whole stays whole."""

from typing import Any

import pytest

from conversations.errors import (
    Interrupted,
    ProviderProblem,
)
from conversations.provider.interface import Usage
from conversations.provider.openai_api import chat, reader
from tests.contracts.port import ask
from tests.stub_provider import (
    Chunk,
    Comments,
    Event,
    Raw,
    Reply,
    Sleep,
    Step,
    Stub,
    cut,
    deltas,
    end_of_body,
    finished,
    reset,
    says,
    stall,
    wire,
)
from tests.stub_provider import Model as Scripts

CUT = {
    "cut": says("half", cut),
    "reset": says("half", Sleep(0.3), reset),  # or it overtakes what was not read yet
    "half an event": says("half", Raw(b'data: {"id": "x", "cho'), end_of_body),
    "half an event, ended": says("half", Raw(b'data: {"id": "x", "cho\n\n'), end_of_body),
    "garbage": says("half", Raw(b"\x00\x01garbage\ndata: %%%\n\n"), end_of_body),
    "wrong UTF-8": says("half", Raw(b'data: {"choices": "\xff\xfe"}\n\n'), end_of_body),
    "no JSON object": says("half", Raw(b"data: [1]\n\n"), end_of_body),
}


@pytest.mark.parametrize("reply", CUT.values(), ids=CUT.keys())
def test_what_came_before_a_break_is_kept(stub: Stub, model: Scripts, reply: Reply) -> None:
    heard = ask(stub, model.will_answer(reply))
    assert heard.text == "half"
    assert heard.report.finish_reason == ""
    assert heard.problem is None or isinstance(heard.problem, Interrupted)


@pytest.mark.parametrize(
    "event", [Event({"error": {"message": "x"}}), Event({"message": "x"}, "error")]
)
def test_what_came_before_an_error_event_is_kept(stub: Stub, model: Scripts, event: Event) -> None:
    heard = ask(stub, model.will_say("half", event, end_of_body))
    assert heard.text == "half"
    assert isinstance(heard.problem, ProviderProblem)
    assert not isinstance(heard.problem, Interrupted)


@pytest.mark.parametrize(
    "ending",
    [
        wire.sse({"error": {"message": "x"}}),
        wire.sse({"message": "x"}, "error"),
        b"data: half an ev\n\n",
    ],
)
def test_text_in_the_same_packet_as_its_end_is_kept(
    stub: Stub, model: Scripts, ending: bytes
) -> None:
    text = wire.sse(wire.Completion("m", include_usage=False).chunk({"content": "half"}))
    heard = ask(stub, model.will_say(Raw(text + ending), end_of_body))
    assert heard.problem is not None
    assert heard.text == "half"


# The finish reason has come, so the answer is whole, whatever the provider does then.
BEHIND = {
    "cut": [cut],
    "reset": [Sleep(0.3), reset],
    "clean end of file": [end_of_body],
    "garbage": [Raw(b"data: %%%\n\n")],
    "half an event": [Raw(b'data: {"choices"'), end_of_body],
    "error event": [Event({"error": {"message": "x"}})],
    "silence": [stall],
    "comments for ever": [Comments(0.02)],
    "empty deltas for ever": [Chunk({"choices": []}), Sleep(0.05)] * 100,
}


@pytest.mark.parametrize("behind", BEHIND.values(), ids=BEHIND.keys())
def test_behind_a_finish_reason_nothing_spoils_the_answer(
    stub: Stub, model: Scripts, behind: list[Step], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chat, "USAGE_SECONDS", 0.5)
    script = model.will_say("whole", finished(), behind, finish=None, usage=None, done=False)
    heard = ask(stub, script)
    assert (heard.text, heard.report.finish_reason, heard.problem) == ("whole", "stop", None)


def test_usage_that_comes_a_little_behind_the_finish_reason_counts(
    stub: Stub, model: Scripts
) -> None:
    heard = ask(stub, model.will_say("whole", finished(), Sleep(0.5), finish=None))
    assert heard.report.usage is not None


def test_a_finish_reason_with_every_chunk_ends_nothing(
    stub: Stub, model: Scripts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chat, "USAGE_SECONDS", 0.2)
    each: list[Step | str] = [finished(), Sleep(0.1), "one ", finished(), Sleep(0.4), "two"]
    assert ask(stub, model.will_say(*each)).text == "one two"


@pytest.mark.parametrize("reason", ["error", "abort"])
def test_a_finish_reason_that_tells_of_a_break_is_none(
    stub: Stub, model: Scripts, reason: str
) -> None:
    heard = ask(stub, model.will_say("half", finish=reason))
    assert (heard.text, heard.report.finish_reason) == ("half", "")
    assert reason in heard.report.detail


FINISH = {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}
ODD: dict[str, Reply] = {
    "CRLF": says(deltas("grüße 😀", 2), newline="\r\n"),
    "CR": says(deltas("grüße 😀", 2), newline="\r"),
    "one byte a packet": says(deltas("grüße 😀", 2), packet=1),
    "three bytes a packet": says(deltas("grüße 😀", 2), packet=3, newline="\r\n"),
    "comments": says("grüße ", Comments(0.01, 5), "😀"),
    "delta null": says("grüße ", Chunk({"choices": [{"index": 0, "delta": None}]}), "😀"),
    "no choices": says("grüße ", Chunk({"choices": []}), Chunk({"choices": None}), "😀"),
    "no [DONE]": says("grüße 😀", done=False),
    "split pair": says("grüße \ud83d", "\ude00"),
    "split pair in one packet each": says("grüße \ud83d", "\ude00", packet=5),
    "lone halves and NUL": says("gr\x00üße ", "\udc00😀\ud800"),
    "byte order mark": says(Raw(b"\xef\xbb\xbf"), "grüße 😀"),
    "no last line break": says(
        "grüße 😀", Raw(wire.sse(FINISH).strip()), end_of_body, finish=None, done=False
    ),
}


@pytest.mark.parametrize("reply", ODD.values(), ids=ODD.keys())
def test_an_odd_but_whole_answer_is_whole(stub: Stub, model: Scripts, reply: Reply) -> None:
    heard = ask(stub, model.will_answer(reply))
    assert (heard.text, heard.problem) == ("grüße 😀", None)
    assert heard.report.finish_reason == "stop"


COUNTED = Chunk({"choices": [], "usage": {"prompt_tokens": 1, "completion_tokens": 1}})


def test_the_last_usage_counts(stub: Stub, model: Scripts) -> None:
    more = {"prompt_tokens": 5, "completion_tokens": 6}
    assert ask(stub, model.will_say(COUNTED, "x", COUNTED, usage=more)).report.usage == Usage(
        input=5, cached_input=0, output=6, reasoning=0
    )


def test_usage_that_comes_together_with_an_error_counts(stub: Stub, model: Scripts) -> None:
    both = wire.sse({"error": {"message": "broke"}}) + wire.sse(
        {"choices": [], "usage": {"prompt_tokens": 5, "completion_tokens": 6}}
    )
    heard = ask(stub, model.will_say("x", Raw(both), finish=None, usage=None, done=False))
    assert heard.problem and heard.report.usage == Usage(5, 0, 6, 0)


@pytest.mark.parametrize(
    "usage",
    [
        {"prompt_tokens": -4, "completion_tokens": -1},
        {"prompt_tokens": None, "completion_tokens": "many"},
        {"prompt_tokens": 10**12, "prompt_tokens_details": None},
        {},
    ],
)
def test_strange_usage_is_never_negative_and_fits(
    stub: Stub, model: Scripts, usage: dict[str, Any]
) -> None:
    heard = ask(stub, model.will_say("x", usage=usage))
    counted = heard.report.usage
    assert heard.problem is None
    assert counted is None or all(0 <= n < 2**31 for n in (counted.input, counted.output))


def test_one_wrong_character_does_not_cost_the_sentence(stub: Stub, model: Scripts) -> None:
    chunk = wire.sse({"choices": [{"index": 0, "delta": {"content": "caf? au lait"}}]})
    heard = ask(stub, model.will_say(Raw(chunk.replace(b"?", b"\xe9"))))
    assert (heard.text, heard.report.finish_reason) == ("caf\ufffd au lait", "stop")


def test_a_tab_that_json_forbids_is_read(stub: Stub, model: Scripts) -> None:
    chunk = wire.sse({"choices": [{"index": 0, "delta": {"content": "a?b"}}]})
    assert ask(stub, model.will_say(Raw(chunk.replace(b"?", b"\t")))).text == "a\tb"


def test_an_event_without_an_end_is_not_collected_for_ever(
    stub: Stub, model: Scripts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reader, "EVENT_BYTES", 100_000)
    heard = ask(stub, model.will_say("half", Raw(b"data: "), [Raw(b"x" * 10_000)] * 20, stall))
    assert heard.text == "half"
    assert isinstance(heard.problem, Interrupted)
