"""The same questions to OpenAI, to Azure and to a small old server: each is asked as it wants to be."""

import asyncio
from dataclasses import dataclass, replace
from typing import Any

import pytest

from conversations.errors import ProviderAuth, ProviderRejected, Refusal
from conversations.provider.interface import Model, Piece, Report, Request, Usage
from conversations.provider.openai_api.client import chat_with
from tests.contracts.port import KEY, MODEL, PATIENT
from tests.stub_provider import Model as Scripts
from tests.stub_provider import Script, Stub, Think


@dataclass(frozen=True)
class Place:
    """Where a model is, and how it is written down in the catalogue."""

    path: str
    kind: str
    model: Model
    api_version: str = ""


OLD = replace(MODEL, capabilities=frozenset(), limit_parameter="max_tokens")
PLACES = {
    "openai": Place("/v1", "compatible", MODEL),
    "azure": Place("", "azure", replace(MODEL, sent_as="our-deployment"), "2024-10-21"),
    "plain": Place("/plain/v1", "compatible", OLD),
}
everywhere = pytest.mark.parametrize("place", PLACES.values(), ids=PLACES)


def ask(
    stub: Stub, place: Place, script: Script, *, key: str = KEY, **more: Any
) -> tuple[str, Report]:
    """What it said, and what is reported of it. Raises the Refusal of the call."""
    address = f"http://127.0.0.1:{stub.port}{place.path}"
    endpoint = replace(
        PATIENT, kind=place.kind, base_url=address, api_version=place.api_version, key=key
    )
    pieces: list[Piece] = []
    report = Report()

    async def run() -> None:
        client = chat_with(endpoint)
        asked = Request(
            place.model,
            [
                {"role": "system", "content": "Be short."},
                {"role": "user", "content": script.question},
            ],
            {"max_output_tokens": 100, **more},
        )
        try:
            await client.stream(asked, report, pieces.append)
        finally:
            await client.close()

    asyncio.run(asyncio.wait_for(run(), 10))
    return "".join(piece.text for piece in pieces), report


@everywhere
def test_an_answer_is_the_same_everywhere(place: Place, stub: Stub, model: Scripts) -> None:
    script = model.will_say(Think("hm"), "one ", "two ", "three", finish="length")
    text, report = ask(stub, place, script, temperature=0.5, stop=["END"])
    assert (text, report.finish_reason) == ("one two three", "length")
    assert script.request.json["temperature"] == 0.5


@everywhere
def test_usage_is_known_where_it_is_told(place: Place, stub: Stub, model: Scripts) -> None:
    _, report = ask(stub, place, model.will_say("x"))
    told = Usage(input=11, cached_input=3, output=7, reasoning=2)
    assert report.usage == (told if place.model.counts else None)


@everywhere
def test_trouble_has_the_same_name_everywhere(place: Place, stub: Stub, model: Scripts) -> None:
    with pytest.raises(ProviderAuth):
        ask(stub, place, model.will_fail(401, message="No."))
    with pytest.raises(ProviderRejected):
        ask(stub, place, model.will_fail(400, message="No."))


def test_azure_is_asked_by_deployment_version_and_a_header_of_its_own(
    stub: Stub, model: Scripts
) -> None:
    script = model.will_say("x")
    ask(stub, PLACES["azure"], script)
    sent = script.request
    assert sent.path == "/openai/deployments/our-deployment/chat/completions?api-version=2024-10-21"
    assert sent.headers["api-key"] == KEY and "authorization" not in sent.headers


def test_azure_without_a_version_is_asked_at_its_newer_address(stub: Stub, model: Scripts) -> None:
    script = model.will_say("x")
    for path in ("/openai/v1", "/openai/v1/", "", "/"):
        with pytest.raises(Refusal):  # the stub has nothing there
            ask(stub, replace(PLACES["azure"], api_version="", path=path), script)
        assert stub.requests[-1].path == "/openai/v1/chat/completions"


def test_a_small_server_gets_nothing_that_it_does_not_know(stub: Stub, model: Scripts) -> None:
    script = model.will_say("x")
    ask(stub, PLACES["plain"], script)
    assert script.request.json.keys() == {"model", "messages", "stream", "max_tokens"}
    with pytest.raises(ProviderRejected):
        ask(stub, replace(PLACES["plain"], model=MODEL), script)


def test_who_wants_no_key_gets_one_that_says_so(stub: Stub, model: Scripts) -> None:
    script = model.will_say("x")
    ask(stub, PLACES["plain"], script, key="")
    assert script.request.headers["authorization"] == "Bearer none"


def test_a_key_of_azure_stands_in_no_report(stub: Stub, model: Scripts) -> None:
    script = model.will_fail(400, message=f"Bad key {KEY}.")
    with pytest.raises(ProviderRejected) as refused:
        ask(stub, PLACES["azure"], script)
    assert KEY not in str(refused.value)
