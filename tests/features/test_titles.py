"""A conversation names itself: by its first words at once, by the model after its first answer."""

import asyncio
import json
import time
from collections.abc import Iterator
from typing import Any

import pytest

from conversations.errors import ProviderProblem, Refusal
from conversations.models import ProviderCall
from conversations.provider.interface import Report, Request, Usage
from tests.contracts.port import KEY, MODEL, port_to
from tests.features.limits_kit import entered, until
from tests.harness.database import Ground
from tests.harness.people import Asked, Person
from tests.harness.server import Server
from tests.stub_provider import Model, Reply, Script, Stub, fails, pause, says
from tests.stub_provider.wire import as_json

PATIENCE = 60


@pytest.fixture(scope="module")
def naming(server_env: dict[str, str]) -> Iterator[Server]:
    """A server that asks for titles, as a site does unless it is told not to."""
    running = Server("naming", {**server_env, "CHATSITE_TITLES": "true"}).start()
    yield running
    running.stop()


@pytest.fixture
def ada(people: Any, naming: Server) -> Iterator[Person]:
    person = people.new("ada").at(naming)
    yield person
    person.leave()


def title(asked: Asked) -> str:
    return str(asked.person.api("GET", f"conversations/{asked.conversation}")["title"])


def calls(ground: Ground, asked: Asked) -> list[ProviderCall]:
    """For the title, once they are all on the ledger."""
    until = time.monotonic() + PATIENCE
    while not (
        found := ground.rows(ProviderCall, conversation=asked.conversation, purpose="title")
    ):
        assert time.monotonic() < until, "no call for a title was written down"
        time.sleep(0.05)
    return sorted(found, key=lambda call: call.attempt or 0)


def named(asked: Asked, ground: Ground) -> str:
    """The title once the model was asked."""
    calls(ground, asked)
    return title(asked)


def test_first_words_at_once_and_the_models_title_after_the_answer(
    ada: Person, ground: Ground, model: Model
) -> None:
    script = model.will_say("Turn the ", pause, "valve.", asked="Why is my radiator cold?")
    other_tab = ada.socket()
    asked = ada.start(script, socket=ada.socket())
    assert asked.ack["conversation"]["title"].startswith("Why is my radiator cold?")
    script.wait_until_paused()
    assert script.title_requests == [], "nobody is asked before there is an answer"
    script.resume()
    asked.finish()
    named = {**asked.ack["conversation"], "title": "Named by the model"}  # and nothing else changes
    other_tab.until("conversation.updated", timeout=PATIENCE, conversation=named)
    [call] = calls(ground, asked)
    assert (call.outcome, call.run, call.cost_micros) == ("ok", None, call.cost_micros)
    assert call.cost_micros and call.input_tokens == 11


def test_the_call_is_small_and_is_no_stream(ada: Person, ground: Ground, model: Model) -> None:
    script = model.will_say("y" * 50_000)
    asked = ada.ask(script, options={"temperature": 1.5})
    calls(ground, asked)
    [request] = script.title_requests
    assert not request.json.get("stream") and len(script.requests) == 1
    assert len(request.body) < 4_000
    assert request.json["max_tokens"] == 60 and "temperature" not in request.json
    assert request.json["response_format"]["json_schema"]["strict"] is True


def test_it_is_asked_once_and_not_for_every_answer(
    ada: Person, ground: Ground, model: Model
) -> None:
    first = model.will_say("one", asked="First?")
    first.titles = (fails(500),)
    asked = ada.ask(first)
    assert named(asked, ground).startswith("First?")
    second = model.will_say("two", asked="Second?")
    ada.ask(second, conversation=asked.conversation)
    third = model.will_say("three", asked="Third?")
    ada.ask(third)
    until = time.monotonic() + PATIENCE
    while not third.title_requests and time.monotonic() < until:
        time.sleep(0.02)
    assert third.title_requests and not second.title_requests


def test_where_there_is_no_room_to_spare_the_first_words_stay(
    ada: Person, naming: Server, ground: Ground, model: Model, stub: Stub
) -> None:
    provider = entered(ada, ground, stub, requests_per_minute=2)
    script = model.will_say("one", asked="Is there room?")
    asked = ada.ask(script, options={"model": provider.name})
    kept = f"{asked.conversation} keeps its first words: provider_rate_limited"
    until(lambda: kept in naming.log_since(0))
    assert title(asked).startswith("Is there room?") and not script.title_requests
    ground.run(provider.delete)


@pytest.mark.parametrize("when", ["before", "meanwhile", "with the conversation"])
def test_a_title_that_somebody_chose_is_never_touched(
    ada: Person, ground: Ground, model: Model, when: str
) -> None:
    script = model.will_say("one ", pause, "two")
    slow = Reply(body=as_json(whole('{"title": "Too late"}')), first_byte_after=1.0)
    script.titles = (slow,)
    fields: dict[str, Any] = {}
    if when == "with the conversation":
        made = ada.api("POST", "conversations", json={"title": "Mine"}, expect=201)
        fields = {"conversation": made["id"]}
    asked = ada.start(script, **fields)
    path = f"conversations/{asked.conversation}"
    if when == "before":
        ada.api("PATCH", path, json={"title": "Mine"})
    script.resume()
    asked.finish()
    if when == "meanwhile":
        until = time.monotonic() + PATIENCE
        while not script.title_requests and time.monotonic() < until:
            time.sleep(0.01)
        ada.api("PATCH", path, json={"title": "Mine"})
        calls(ground, asked)
    else:
        ada.ask(model.will_say("more"), conversation=asked.conversation)
        assert script.title_requests == []
    assert title(asked) == "Mine"


def whole(content: Any) -> dict[str, Any]:
    message = {"role": "assistant", "content": content}
    return {"choices": [{"index": 0, "message": message, "finish_reason": "stop"}]}


ODD: dict[str, tuple[Reply, ...]] = {
    "trouble": (fails(500),),
    "no key": (fails(401),),
    "html": (Reply(body=b"<html>"),),
    "nothing": (says(""),),
    "null": (Reply(body=as_json(whole(None))),),
    "a list": (Reply(body=b"[]"),),
    "half an object": (says('{"title": "Half a'),),
    "another object": (says('{"name": "x"}'),),
    "a number": (says('{"title": 7}'),),
    "punctuation": (says('{"title": "…"}'),),
    "no end": (Reply(body=b" " * 2_000_000),),
}


@pytest.mark.parametrize("replies", ODD.values(), ids=ODD)
def test_when_it_fails_the_first_words_stay(
    ada: Person, ground: Ground, model: Model, replies: tuple[Reply, ...]
) -> None:
    script = model.will_say("one", asked="Words of mine")
    script.titles = replies
    assert named(ada.ask(script), ground).startswith("Words of mine")


def test_a_server_that_takes_no_schema_is_asked_in_words(
    ada: Person, ground: Ground, model: Model
) -> None:
    script = model.will_say("one", asked="Radiator?")
    script.titles = (fails(400), says('Title: **"A cold radiator."**\nHere it is!'))
    asked = ada.ask(script)
    found = calls(ground, asked)
    assert [(call.attempt, call.outcome) for call in found] == [(1, "provider_rejected"), (2, "ok")]
    assert title(asked) == "A cold radiator"
    assert "response_format" not in script.title_requests[1].json


def test_nothing_temporary_deleted_or_broken_is_named(
    ada: Person, ground: Ground, model: Model
) -> None:
    passing = model.will_say("one")
    ada.ask(passing, temporary=True)
    broken = model.will_fail(401)
    ada.ask(broken)
    good = model.will_say("good")
    calls(ground, ada.ask(good))
    assert (passing.title_requests, broken.title_requests) == ([], [])
    assert len(good.title_requests) == 1


def test_a_title_keeps_nobody_from_leaving(
    people: Any, ground: Ground, model: Model, server_env: dict[str, str]
) -> None:
    going = Server("naming-going", {**server_env, "CHATSITE_TITLES": "true"}).start()
    try:
        script = model.will_say("one", asked="Words of mine")
        script.titles = (Reply(body=as_json(whole("Too late")), first_byte_after=60),)
        asked = people.new("ada").at(going).ask(script)
        until = time.monotonic() + PATIENCE
        while not script.title_requests and time.monotonic() < until:
            time.sleep(0.01)
        assert script.title_requests
        assert going.stop() == 0
        # Waited for, it would have run into its own time-out.
        assert [call.outcome for call in calls(ground, asked)] == ["cancelled"]
    finally:
        going.stop()


def of_port(stub: Stub, script: Script, within: float = 5) -> tuple[str, Report, Refusal | None]:
    """One call of the port for a whole answer."""

    async def run() -> tuple[str, Report, Refusal | None]:
        port, report = port_to(stub.base_url), Report()
        asked = [{"role": "user", "content": script.question}]
        try:
            request = Request(MODEL, asked, {"max_output_tokens": 60})
            return await port.whole(request, report, within=within), report, None
        except Refusal as problem:
            return "", report, problem
        finally:
            await port.close()

    return asyncio.run(run())


def test_a_whole_answer_comes_without_its_thinking_and_with_its_usage(
    stub: Stub, model: Model
) -> None:
    text, report, problem = of_port(stub, model.will_say("<think>hm</think>\n\nA title"))
    assert (text, problem) == ("A title", None)
    assert report.usage == Usage(input=11, cached_input=3, output=7, reasoning=2)
    assert report.finish_reason == "stop" and report.request_id.startswith("req_")


def test_of_a_whole_answer_in_parts_the_text_is_read(stub: Stub, model: Model) -> None:
    parts = [{"type": "thinking", "thinking": "hm"}, {"type": "text", "text": "A title"}]
    answer = model.will_answer(Reply(body=json.dumps(whole(parts)).encode()))
    assert of_port(stub, answer)[0] == "A title"


def test_a_whole_answer_that_is_late_or_strange_is_a_refusal(stub: Stub, model: Model) -> None:
    late = model.will_answer(Reply(body=json.dumps(whole("x")).encode(), first_byte_after=3))
    assert of_port(stub, late, within=0.3)[2].code == "provider_timeout"  # type: ignore[union-attr]
    _, report, problem = of_port(stub, model.will_answer(Reply(body=b"[]")))
    assert isinstance(problem, ProviderProblem) and "no answer in it" in report.detail
    _, report, problem = of_port(stub, model.will_fail(401, message=f"Bad key {KEY}"))
    assert problem and problem.code == "provider_auth" and KEY not in report.detail
