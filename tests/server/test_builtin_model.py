"""The model that `make run` brings along, for real, once from end to end."""

import asyncio
import secrets
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import httpx
import pytest

from conversations.errors import ContextTooLong, ProviderAuth, ProviderRejected
from conversations.models import Message, ProviderCall
from conversations.provider.interface import Model, Piece, Report, Request
from conversations.provider.openai_api.chat import OpenAIChat
from tests.contracts.port import port_to
from tests.harness.database import Ground
from tests.harness.people import Person
from tests.harness.plugin import ROOT
from tests.harness.ports import free_port
from tests.harness.server import LOGS, Server, new_log

MODEL_ID = "smollm2-135m-instruct"
START_SECONDS = 240
FACTS = """Here is a list of facts:
1. The cat is called Miro.
2. The dog is called Bella.
3. The house is painted blue.
What is the cat called? Answer in one short sentence."""


@pytest.fixture(scope="module")
def local(server_env: dict[str, str], server: Server) -> Iterator[Server]:
    """A server with no provider but the built-in model."""
    port, key = free_port(), secrets.token_hex(8)
    address = {
        "CHATSITE_BUILTIN_MODEL_URL": f"http://127.0.0.1:{port}/v1",
        "CHATSITE_BUILTIN_MODEL_KEY": key,
    }
    command = [sys.executable, "-m", "chatsite.embedded.model", "--port", str(port)]
    running = Server(
        "builtin-model-server",
        {**server_env, "OPENAI_API_KEY": "", "OPENAI_BASE_URL": "", **address},
    )
    with new_log(LOGS / "builtin-model.log") as log:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env={**running.environment, **address},
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    try:
        wait_for_model(port, process)
        yield running.start()
    finally:
        running.stop()
        process.terminate()
        process.wait(60)


def wait_for_model(port: int, process: "subprocess.Popen[bytes]") -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and process.poll() is None:
        try:
            if httpx.get(f"http://127.0.0.1:{port}/health", timeout=30).status_code == 200:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.2)
    said = (LOGS / "builtin-model.log").read_text(errors="replace")
    pytest.fail(f"The built-in model did not start:\n{said[-4000:]}")


def test_a_question_about_a_list_of_facts_is_answered_and_stored(
    local: Server, ada: Person, ground: Ground
) -> None:
    here = ada.at(local)
    asked = here.ask(FACTS, timeout=240, options={"temperature": 0, "max_output_tokens": 60})
    assert asked.status == "complete"
    assert "Miro" in asked.text and len(asked.socket.pieces(asked.run)) > 1
    message = ground.row(Message, pk=asked.answer_id)
    assert (message.text, message.model) == (asked.text, MODEL_ID)
    call = ground.row(ProviderCall, run=asked.run)
    assert call.input_tokens and call.output_tokens
    here.leave()


def test_it_reads_what_was_said_before(local: Server, ada: Person, ground: Ground) -> None:
    """What so small a model makes of it differs from processor to processor: its tokens are counted."""
    here = ada.at(local)
    short: dict[str, Any] = {"timeout": 90, "options": {"max_output_tokens": 10}}
    first = here.ask(FACTS, **short)
    again = here.ask("Thank you.", conversation=first.conversation, **short)
    alone = here.ask("Thank you.", **short)
    calls = [ground.row(ProviderCall, run=asked.run) for asked in (first, again, alone)]
    read = [call.input_tokens or 0 for call in calls]
    assert read[1] > read[0] > read[2]
    here.leave()


def test_the_model_list_says_that_it_cannot_see(local: Server, ada: Person) -> None:
    here = ada.at(local)
    items = here.api("GET", "models")["items"]
    assert [item["id"] for item in items] == [MODEL_ID]
    assert "vision" not in items[0]["capabilities"]
    here.leave()


# The port to llama.cpp's server: the scenarios of tests/contracts, where they make sense there -----------


MODEL = Model(
    MODEL_ID, "SmolLM2", "builtin", context_window=8_192, max_output_tokens=1_000,
    capabilities=frozenset({"stream_usage"}),
)  # fmt: skip


def request(question: str, **parameters: Any) -> Request:
    asked = [{"role": "system", "content": "Be short."}, {"role": "user", "content": question}]
    return Request(MODEL, asked, {"max_output_tokens": 8, "temperature": 0, **parameters})


def at_the_port(local: Server, ask: Callable[[OpenAIChat], Awaitable[str]], **how: Any) -> str:
    """What `ask` makes of the port to it."""
    address = local.environment["CHATSITE_BUILTIN_MODEL_URL"]
    key = local.environment["CHATSITE_BUILTIN_MODEL_KEY"]

    async def asked() -> str:
        port = port_to(address, **{"key": key, "first_token": 200, "answer": 240, **how})
        try:
            return await ask(port)
        finally:
            await port.close()

    return asyncio.run(asked())


def streamed(local: Server, request: Request, **how: Any) -> tuple[list[Piece], Report]:
    """Raises the Refusal of the call."""
    pieces: list[Piece] = []
    report = Report()

    async def ask(port: OpenAIChat) -> str:
        await port.stream(request, report, pieces.append)
        return ""

    at_the_port(local, ask, **how)
    return pieces, report


def test_an_answer_comes_in_pieces_to_its_limit_and_is_counted(local: Server) -> None:
    pieces, report = streamed(local, request("Tell me a long story of a cat."))
    assert len([piece for piece in pieces if piece.text]) > 1
    assert report.finish_reason == "length" and report.usage
    assert report.usage.output == 8 and 15 < report.usage.input < 60


def test_an_answer_ends_before_what_it_is_to_stop_at(local: Server) -> None:
    vowels = ["a", "e", "i", "o"]
    _, report = streamed(local, request("Tell me a long story.", stop=vowels))
    assert report.finish_reason == "stop" and report.usage and report.usage.output < 8


def test_a_small_thing_is_answered_whole(local: Server) -> None:
    report = Report()

    async def ask(port: OpenAIChat) -> str:
        return await port.whole(request("Say hello."), report, within=200)

    assert at_the_port(local, ask).strip()
    assert report.usage and report.finish_reason in {"stop", "length"}


def test_its_trouble_has_the_names_that_it_has_everywhere(local: Server) -> None:
    with pytest.raises(ProviderAuth):
        streamed(local, request("Hello"), key="another-key-0815")
    with pytest.raises(ProviderRejected):
        streamed(local, request("Hello", temperature="hot"))
    with pytest.raises(ContextTooLong):
        streamed(local, request("one two three " * 4_000))
