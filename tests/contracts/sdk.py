"""A streamed question through the real SDK, and what it made of the answer."""

import asyncio
from dataclasses import dataclass, field
from typing import Any

from openai import AsyncOpenAI

from tests.stub_provider import Script, Stub


@dataclass
class Heard:
    """What the SDK made of one answer."""

    text: str = ""
    deltas: list[str] = field(default_factory=list)
    finish: list[str] = field(default_factory=list)
    usage: list[Any] = field(default_factory=list)
    chunks: list[Any] = field(default_factory=list)

    def add(self, chunk: Any) -> None:
        self.chunks.append(chunk)
        if chunk.usage:
            self.usage.append(chunk.usage)
        for choice in chunk.choices or []:  # None for an event of another shape
            if choice.finish_reason:
                self.finish.append(choice.finish_reason)
            if choice.delta and choice.delta.content:
                self.deltas.append(choice.delta.content)
                self.text += choice.delta.content


def client(stub: Stub, timeout: float = 5) -> AsyncOpenAI:
    return AsyncOpenAI(api_key="sk-test", base_url=stub.base_url, max_retries=0, timeout=timeout)


def ask(stub: Stub, script: Script | str, heard: Heard | None = None, **parameters: Any) -> Heard:
    """One streamed question through the SDK; `heard` keeps what came before an exception."""
    heard = heard or Heard()
    question = script if isinstance(script, str) else script.question
    timeout = parameters.pop("timeout", 5)

    async def run() -> None:
        async with client(stub, timeout) as api:
            stream = await api.chat.completions.create(
                **{
                    "model": "gpt-4.1-mini",
                    "messages": [{"role": "user", "content": question}],
                    "stream": True,
                    "stream_options": {"include_usage": True},
                    **parameters,
                }
            )
            async for chunk in stream:
                heard.add(chunk)

    asyncio.run(run())
    return heard
