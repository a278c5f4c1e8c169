"""A provider is changed while it answers: nobody is cut off, and no connection is left behind."""

import asyncio
import threading
from collections.abc import Coroutine
from dataclasses import replace
from typing import Any, cast

import pytest

from conversations.provider import choose
from conversations.provider.fetch import Found, Unreachable
from conversations.provider.interface import Endpoint
from conversations.provider.openai_api import offer
from conversations.provider.openai_api.chat import OpenAIChat
from conversations.provider.openai_api.client import sdk_client
from tests.contracts.port import PATIENT, Heard, call
from tests.contracts.raw import CHUNKED, DONE, Raw, chunk, chunked, said, serving
from tests.contracts.test_openai_chat_leaving import ESTABLISHED, connections_to


class Halting(Raw):
    """Says a word, and the next one when it may."""

    def __init__(self) -> None:
        super().__init__([])
        self.may_go_on = asyncio.Event()

    async def _answer(self, writer: asyncio.StreamWriter) -> None:
        writer.write(CHUNKED + chunk(said("one ")))
        await self.may_go_on.wait()
        writer.write(chunk(said("two", '"stop"')) + chunked(DONE))


def asked(endpoint: Endpoint, heard: Heard) -> Coroutine[Any, Any, Heard]:
    return call(cast("OpenAIChat", choose.client(endpoint)), "x", heard)


def test_an_answer_under_way_ends_before_its_connection_is_closed() -> None:
    async def run() -> Heard:
        heard = Heard()
        async with serving(Halting()) as provider:
            endpoint = replace(PATIENT, base_url=provider.base_url)
            before, answer = choose.client(endpoint), asyncio.create_task(asked(endpoint, heard))
            while not heard.pieces:  # noqa: ASYNC110 the first word comes by the network
                await asyncio.sleep(0.01)
            await choose.keep_only(set())
            assert choose.client(endpoint) is not before
            cast("Halting", provider).may_go_on.set()
            await answer
            while connections_to(provider.port, ESTABLISHED):  # noqa: ASYNC110 the loop closes it
                await asyncio.sleep(0.01)
            await choose.keep_only(set())
        return heard

    heard = asyncio.run(asyncio.wait_for(run(), 20))
    assert (heard.text, heard.problem) == ("one two", None)


def test_a_connection_that_waits_for_the_next_call_goes_with_its_endpoint() -> None:
    async def run() -> None:
        packets = [CHUNKED + chunk(said("x", '"stop"')) + chunked(DONE)]
        async with serving(Raw(packets)) as provider:
            endpoint = replace(PATIENT, base_url=provider.base_url)
            await asked(endpoint, Heard())
            await choose.keep_only({endpoint})
            assert connections_to(provider.port, ESTABLISHED) == 1
            await choose.keep_only(set())
            while connections_to(provider.port, ESTABLISHED):  # noqa: ASYNC110 the loop closes it
                await asyncio.sleep(0.01)

    asyncio.run(asyncio.wait_for(run(), 20))


def test_two_who_ask_first_get_the_same_client() -> None:
    endpoint = replace(PATIENT, base_url="http://127.0.0.1:9/v1")
    got: list[object] = []
    threads = [
        threading.Thread(target=lambda: got.append(choose.client(endpoint))) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(map(id, got))) == 1
    asyncio.run(choose.keep_only(set()))


def test_the_variables_of_the_sdk_are_about_the_first_provider_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")
    monkeypatch.setenv("OPENAI_ORG_ID", "our-organisation")
    monkeypatch.setenv("OPENAI_CUSTOM_HEADERS", "X-Gate: secret\nAuthorization: Bearer secret")
    other_one = replace(PATIENT, name="other", kind="openai")
    other = sdk_client(other_one)
    assert str(other.base_url) == "https://api.openai.com/v1/" and other.organization is None
    azure = replace(other_one, kind="azure", base_url="https://x.example", api_version="2024-10-21")
    assert sdk_client(azure).organization is None
    for one in (other, sdk_client(azure)):
        assert "secret" not in str(one.default_headers)
    first = sdk_client(replace(PATIENT, name="openai", kind="openai"))
    assert first.organization == "our-organisation"
    assert first.default_headers["X-Gate"] == "secret"


@pytest.mark.parametrize("version", ["", "2024-10-21"])
@pytest.mark.parametrize(
    "copied",
    [
        "https://x.openai.azure.com",
        "https://x.openai.azure.com/",
        "https://x.openai.azure.com/openai",
        "https://x.openai.azure.com/openai/v1/",
        "https://x.openai.azure.com/openai/deployments/gpt-4o/chat/completions?api-version=2025-01-01",
        "https://x.openai.azure.com?api-version=2025-01-01",
    ],
)
def test_an_address_of_azure_may_be_copied_whole(copied: str, version: str) -> None:
    client = sdk_client(replace(PATIENT, kind="azure", base_url=copied, api_version=version))
    path = "openai/" if version else "openai/v1/"
    assert str(client.base_url) == f"https://x.openai.azure.com/{path}"


def test_a_gateway_before_azure_keeps_its_path() -> None:
    gateway = replace(PATIENT, kind="azure", base_url="https://gate.example.org/openai-models/eu")
    assert (
        str(sdk_client(gateway).base_url) == "https://gate.example.org/openai-models/eu/openai/v1/"
    )


def test_a_list_whose_models_have_no_name_is_no_list(monkeypatch: pytest.MonkeyPatch) -> None:
    async def answered(client: object) -> list[Found]:
        return [offer._found({"object": "model"})]

    monkeypatch.setattr(offer, "_models", answered)
    with pytest.raises(Unreachable, match="does not speak as OpenAI does") as trouble:
        offer.models_at(PATIENT)
    assert trouble.value.detail == "KeyError"
