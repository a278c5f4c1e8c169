"""The provider answers, but in its own way."""

import pytest

from conversations.models import ProviderCall
from tests.harness.database import Ground
from tests.harness.people import Person
from tests.stub_provider import (
    Chunk,
    Comments,
    Model,
    Refuse,
    Reply,
    deltas,
    pause,
    says,
)


def test_the_length_limit_is_a_complete_answer(ada: Person, model: Model) -> None:
    asked = ada.ask(model.will_say("and so", finish="length"))
    assert (asked.status, asked.stored()["finish_reason"]) == ("complete", "length")


def test_a_refusal_is_a_complete_answer(ada: Person, model: Model) -> None:
    asked = ada.ask(model.will_say(Refuse("I would "), Refuse("rather not.")))
    assert (asked.status, asked.text) == ("complete", "I would rather not.")


def test_thinking_is_shown_and_kept_apart(ada: Person, model: Model) -> None:
    asked = ada.ask(model.will_say("<thi", "nk>hm", "</think>\n\n", "Yes."))
    assert (asked.status, asked.text) == ("complete", "Yes.")
    assert asked.socket.text(asked.run, kind="run.reasoning") == "hm"
    assert (asked.stored()["text"], asked.stored()["reasoning"]) == ("Yes.", "hm")


def test_a_stopped_call_is_on_the_ledger(ada: Person, ground: Ground, model: Model) -> None:
    asked = ada.start(model.will_say("one ", pause))
    asked.socket.wait_for_text(asked.run, 4)
    asked.stop()
    call = ground.row(ProviderCall, run=asked.run)
    assert (call.outcome, call.attempt, call.estimated) == ("cancelled", 1, True)
    assert call.request_id.startswith("req_")


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


def test_the_last_usage_is_the_bill(ada: Person, ground: Ground, model: Model) -> None:
    first = Chunk({"choices": [], "usage": {"prompt_tokens": 9, "completion_tokens": 9}})
    asked = ada.ask(model.will_say(first, "x", usage={"prompt_tokens": 20, "completion_tokens": 4}))
    call = ground.row(ProviderCall, run=asked.run)
    assert (call.input_tokens, call.output_tokens) == (20, 4)
    usage = asked.stored()["usage"]
    assert (usage["input_tokens"], usage["output_tokens"]) == (20, 4)


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
