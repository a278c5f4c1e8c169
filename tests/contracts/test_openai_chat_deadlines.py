"""Silence and dripping have an end; what is slow but goes on is waited for."""

import pytest

from conversations.errors import (
    Interrupted,
    ProviderTimeout,
    Refusal,
)
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
SLOW: dict[str, tuple[Reply, type[Refusal]]] = {
    "first byte": (says("x", first_byte_after=5), ProviderTimeout),
    "no event at all": (says(stall), ProviderTimeout),
    "comments for ever": (says(Comments(0.02), "never"), ProviderTimeout),
    "in the middle": (says("half", stall), Interrupted),
    "comments in the middle": (says("half", Comments(0.02)), Interrupted),
    "empty deltas in the middle": (says("half", [Say("", 0.05)] * 200), Interrupted),
    "counting in the middle": (says("half", [COUNTING, Sleep(0.05)] * 200), Interrupted),
    "a role and no more": (says("", stall), Interrupted),
}


@pytest.mark.parametrize(("reply", "name"), SLOW.values(), ids=SLOW.keys())
def test_deadlines_hold_against_silence_and_comments(
    stub: Stub, model: Scripts, reply: Reply, name: type[Refusal]
) -> None:
    script = model.will_answer(reply)
    heard = ask(stub, script, limits={"first_token": 0.3, "between_tokens": 0.3})
    assert type(heard.problem) is name
    script.request.wait_until_closed()


@pytest.mark.parametrize(
    "reply",
    [
        says([Say("x", 0.2)] * 5),
        says([Sleep(0.2), Think("x")] * 3, Sleep(0.2), "x"),
        says("x", [Say("", 0.05)] * 4, "x"),
    ],
    ids=["a token now and then", "thinking counts", "nothing in between"],
)
def test_what_is_slow_but_goes_on_is_waited_for(stub: Stub, model: Scripts, reply: Reply) -> None:
    script = model.will_answer(reply)
    heard = ask(stub, script, limits={"first_token": 0.6, "between_tokens": 0.6})
    assert (heard.problem, heard.report.finish_reason) == (None, "stop")


def test_a_deadline_says_how_long_was_waited_and_is_not_tried_again(
    stub: Stub, model: Scripts
) -> None:
    problem = ask(stub, model.will_say(stall), limits={"first_token": 1}).problem
    assert isinstance(problem, ProviderTimeout)
    assert str(problem) == "The model did not begin to answer within 1 second. Try again."
    assert not problem.retryable


def test_the_total_deadline_ends_what_drips(stub: Stub, model: Scripts) -> None:
    script = model.will_say(deltas("x" * 100, 1, delay=0.05))
    heard = ask(stub, script, limits={"answer": 0.5})
    assert isinstance(heard.problem, Interrupted)
    assert 0 < len(heard.text) < 30
