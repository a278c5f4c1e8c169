"""The provider is slow, silent or nowhere: told in time, and left at once."""

import re
import time
from collections.abc import Callable, Iterator

import pytest

from tests.features.provider_kit import told_in_words
from tests.harness.black_hole import black_hole
from tests.harness.database import Ground
from tests.harness.people import Asked, People, Person
from tests.harness.server import Server
from tests.stub_provider import Chunk, Comments, Model, Reply, Say, Sleep, Stub, Think, says, stall

Spare = Callable[..., Person]


@pytest.fixture(scope="module")
def spare(
    server_env: dict[str, str], ground: Ground, request: pytest.FixtureRequest
) -> Iterator[Spare]:
    """Ada at a server of its own; the same one for the same variables."""
    started: dict[str, Server] = {}
    people: list[People] = []

    def at(**env: str) -> Person:
        name = "away-" + "-".join(env.values()).replace("/", "").replace(":", "-")
        if name not in started:
            started[name] = Server(name, {**server_env, **env}).start()
        people.append(People(started[name], ground))
        return people[-1].new("ada")

    yield at
    for some in people:
        some.leave()
    for one in started.values():
        one.stop()


@pytest.fixture
def nowhere() -> Iterator[str]:
    with black_hole() as port:
        yield f"http://127.0.0.1:{port}/v1"


HURRIED = {
    "CHATSITE_FIRST_TOKEN_SECONDS": "3",
    "CHATSITE_BETWEEN_TOKENS_SECONDS": "3",
    "CHATSITE_ANSWER_SECONDS": "7",
}
# The reply; how its run ends, its error, a pattern for its text.
SLOW: dict[str, tuple[Reply, str, str | None, str]] = {
    "slow first byte": (says("x", first_byte_after=9), "failed", "provider_timeout", ""),
    "silent": (says(stall), "failed", "provider_timeout", ""),
    "comments for ever": (says(Comments(0.05)), "failed", "provider_timeout", ""),
    "a role and no more": (says("", stall), "interrupted", "interrupted", ""),
    "stall": (says("half", stall), "interrupted", "interrupted", "half"),
    "comments in the middle": (says("half", Comments(0.05)), "interrupted", "interrupted", "half"),
    "empty deltas": (says("half", [Say("", 0.1)] * 90), "interrupted", "interrupted", "half"),
    "thinking, then silence": (says(Think("hm"), stall), "interrupted", "interrupted", ""),
    "for ever": (says([Say("x", 1.1)] * 9), "interrupted", "interrupted", "x{1,6}"),
    "a token now and then": (says([Say("x", 1.2)] * 3), "complete", None, "xxx"),
    "thinking counts": (says([Sleep(1.1), Think("h")] * 2, Sleep(1.1), "x"), "complete", None, "x"),
}


def test_a_slow_provider_is_waited_for_and_a_silent_one_left(spare: Spare, model: Model) -> None:
    ada = spare(**HURRIED)
    scripts = {name: model.will_answer(reply) for name, (reply, *_) in SLOW.items()}
    started = {name: ada.start(script) for name, script in scripts.items()}  # all at once
    for name, asked in started.items():
        status, error, text = SLOW[name][1:]
        asked.finish()
        assert (asked.status, asked.error) == (status, error), name
        assert re.fullmatch(text, asked.text), name
        assert asked.stored()["text"] == asked.text
        assert len(scripts[name].requests) == 1, f"{name}: nobody waits twice for the same"
        if error:
            told_in_words(asked)
            scripts[name].request.wait_until_closed()


def test_a_deadline_says_what_was_waited_for(spare: Spare, model: Model) -> None:
    ada = spare(**HURRIED)

    def sentence(asked: Asked) -> str:
        return str(asked.finish().finished["message"]["error"]["message"])

    silent, stalled = ada.start(model.will_say(stall)), ada.start(model.will_say("x", stall))
    drips = ada.start(model.will_say([Sleep(0.9), Chunk(), Say("x")] * 9))
    assert sentence(silent) == "The model did not begin to answer within 3 seconds. Try again."
    assert sentence(stalled).startswith("The model fell silent in the middle of its answer.")
    assert sentence(drips).startswith("The answer took longer than 7 seconds and was ended.")


def test_a_provider_without_an_address_is_told_in_words(spare: Spare) -> None:
    asked = spare(OPENAI_BASE_URL="http://no-such-host.invalid/v1").ask("Anybody?")
    assert (asked.status, asked.error, asked.text) == ("failed", "provider_unavailable", "")
    waits = [frame for frame in asked.socket.frames if frame["type"] == "run.waiting"]
    assert [wait["attempt"] for wait in waits] == [2, 3]
    told_in_words(asked)


def test_a_provider_that_does_not_speak_tls_is_told_in_words(spare: Spare, stub: Stub) -> None:
    address = stub.base_url.replace("http:", "https:")
    asked = spare(OPENAI_BASE_URL=address).ask("Anybody?")
    assert (asked.status, asked.error, asked.text) == ("failed", "provider_unavailable", "")
    told_in_words(asked)


def _stopped_in(asked: Asked) -> float:
    time.sleep(0.2)  # so that it is connecting
    began = time.monotonic()
    asked.stop()
    took = time.monotonic() - began
    assert asked.finish().status == "stopped"
    return took


def test_connecting_to_nowhere_is_stopped_at_once_and_ends_by_itself(
    spare: Spare, nowhere: str
) -> None:
    ada = spare(OPENAI_BASE_URL=nowhere, CHATSITE_CONNECT_SECONDS="1")
    *stopped, waited_for = [ada.start(text) for text in ("Any?", "Anybody?", "Body?", "Nobody?")]
    # One of them at once: on a busy machine another may have to wait for its turn.
    assert min(map(_stopped_in, stopped)) < 0.5
    waited_for.finish()
    assert (waited_for.status, waited_for.error) == ("failed", "provider_unavailable")
    told_in_words(waited_for)
