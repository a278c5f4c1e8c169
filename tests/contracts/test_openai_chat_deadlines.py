"""Silence and dripping have an end; what is slow but goes on is waited for."""

import pytest

from conversations.errors import Interrupted, ProviderTimeout
from tests.contracts.port import ask
from tests.stub_provider import (
    Chunk,
    Comments,
    Reply,
    Say,
    Sleep,
    Stub,
    Think,
    deltas,
    says,
    stall,
)
from tests.stub_provider import Model as Scripts

COUNTING = Chunk({"choices": [], "usage": {"prompt_tokens": 1, "completion_tokens": 1}})
# Of two deadlines only the one that a test is about is short: the other gives the machine its time.
SILENT: dict[str, Reply] = {
    "first byte": says("x", first_byte_after=30),
    "no event at all": says(stall),
    "comments for ever": says(Comments(0.02), "never"),
}
HALF_SAID: dict[str, Reply] = {
    "in the middle": says("half", stall),
    "comments in the middle": says("half", Comments(0.02)),
    "empty deltas in the middle": says("half", [Say("", 0.05)] * 200),
    "counting in the middle": says("half", [COUNTING, Sleep(0.05)] * 200),
}


@pytest.mark.parametrize("reply", SILENT.values(), ids=SILENT.keys())
def test_a_deadline_holds_against_silence_and_comments(
    stub: Stub, model: Scripts, reply: Reply
) -> None:
    heard = ask(stub, script := model.will_answer(reply), limits={"first_token": 0.3})
    assert type(heard.problem) is ProviderTimeout
    for request in script.requests:  # a slow machine may not have come so far as to ask
        request.wait_until_closed()


@pytest.mark.parametrize("reply", HALF_SAID.values(), ids=HALF_SAID.keys())
def test_a_deadline_holds_in_the_middle_too(stub: Stub, model: Scripts, reply: Reply) -> None:
    heard = ask(stub, script := model.will_answer(reply), limits={"between_tokens": 0.3})
    assert type(heard.problem) is Interrupted and heard.text == "half"
    script.request.wait_until_closed()


def test_a_role_is_no_token(stub: Stub, model: Scripts) -> None:
    """It has begun, and yet the first token is what is waited for."""
    script = model.will_answer(says("", stall))
    heard = ask(stub, script, limits={"first_token": 2})
    assert type(heard.problem) is Interrupted and heard.text == ""
    script.request.wait_until_closed()


@pytest.mark.parametrize(
    "reply",
    [
        says([Say("x", 0.5)] * 4),
        says([Sleep(0.5), Think("x")] * 3, Sleep(0.5), "x"),
        says("x", [Say("", 0.05)] * 4, "x"),
    ],
    ids=["a token now and then", "thinking counts", "nothing in between"],
)
def test_what_is_slow_but_goes_on_is_waited_for(stub: Stub, model: Scripts, reply: Reply) -> None:
    script = model.will_answer(reply)
    heard = ask(stub, script, limits={"first_token": 1.8, "between_tokens": 1.8})
    assert (heard.problem, heard.report.finish_reason) == (None, "stop")


def test_a_deadline_says_how_long_was_waited_and_is_not_tried_again(
    stub: Stub, model: Scripts
) -> None:
    problem = ask(stub, model.will_say(stall), limits={"first_token": 1}).problem
    assert isinstance(problem, ProviderTimeout)
    assert str(problem) == "The model did not begin to answer within 1 second. Try again."
    assert not problem.retryable


def test_the_total_deadline_ends_what_drips(stub: Stub, model: Scripts) -> None:
    script = model.will_say(deltas("x" * 100, 1, delay=0.1))
    heard = ask(stub, script, limits={"answer": 2})
    assert isinstance(heard.problem, Interrupted)
    assert 0 < len(heard.text) < 60
