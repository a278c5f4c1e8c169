"""One call to our port, and what it came to."""

import asyncio
from dataclasses import dataclass, field, replace
from typing import Any

from conversations.errors import (
    Refusal,
)
from conversations.provider.interface import Endpoint, Model, Piece, Report, Request
from conversations.provider.openai_api.chat import OpenAIChat
from conversations.provider.openai_api.client import chat_with
from tests.stub_provider import (
    Script,
    Stub,
)

MODEL = Model(
    id="gpt-4.1-mini",
    name="x",
    provider="openai",
    context_window=1000,
    max_output_tokens=100,
    limit_parameter="max_completion_tokens",
    capabilities=frozenset({"stream_usage"}),
)

KEY = "test-key-4711-0815"
PATIENT = Endpoint(
    name="stub", kind="compatible", base_url="", key=KEY,
    connect=30, first_token=30, between_tokens=30, answer=60,
)  # fmt: skip


def port_to(base_url: str, **how: Any) -> OpenAIChat:
    return chat_with(replace(PATIENT, base_url=base_url, **how))


@dataclass
class Heard:
    """What one call to the port came to."""

    pieces: list[Piece] = field(default_factory=list)
    report: Report = field(default_factory=Report)
    problem: Refusal | None = None

    @property
    def text(self) -> str:
        return "".join(piece.text for piece in self.pieces)

    @property
    def reasoning(self) -> str:
        return "".join(piece.reasoning for piece in self.pieces)


async def call(port: OpenAIChat, question: str, heard: Heard, **parameters: Any) -> Heard:
    asked = Request(
        MODEL, [{"role": "user", "content": question}], {"max_output_tokens": 100, **parameters}
    )
    try:
        await port.stream(asked, heard.report, heard.pieces.append)
    except Refusal as problem:
        heard.problem = problem
    return heard


def ask(
    stub: Stub | str, script: Script, *, limits: dict[str, float] | None = None, **parameters: Any
) -> Heard:
    """One question over a port of its own; `stub` may be any address."""

    async def run() -> Heard:
        port = port_to(stub if isinstance(stub, str) else stub.base_url, **(limits or {}))
        try:
            return await call(port, script.question, Heard(), **parameters)
        finally:
            await port.close()

    return asyncio.run(asyncio.wait_for(run(), 10))
