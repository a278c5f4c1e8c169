"""Chat Completions, streamed. The SDK makes the request; its raw bytes are read by our own parser."""

import asyncio
from typing import Any

import httpx2
import openai

from conversations.errors import ProviderProblem, ProviderTimeout
from conversations.provider.interface import Report, Request, Take
from conversations.provider.openai_api.errors import told
from conversations.provider.openai_api.reader import Reader, cut

CONNECT_SECONDS = 10.0
FIRST_TOKEN_SECONDS = 60.0
BETWEEN_TOKENS_SECONDS = 60.0
TOTAL_SECONDS = 15 * 60.0
# A body read to its end leaves a connection that the next call uses, without a handshake before
# its first token. After [DONE] the end is a few bytes away, or not worth waiting for.
END_SECONDS = 0.5
# More than runs that one process answers at once, so that none waits for a connection.
CONNECTIONS = 1000


class OpenAIChat:
    def __init__(self, *, key: str, base_url: str = "") -> None:
        self._client = openai.AsyncOpenAI(
            api_key=key,
            base_url=base_url or None,
            # Retries are ours: visible, stoppable, bounded (runs/policy.py).
            max_retries=0,
            # Reads have deadlines of our own: comments keep the SDK's from ever firing.
            timeout=httpx2.Timeout(TOTAL_SECONDS, connect=CONNECT_SECONDS),
            http_client=openai.DefaultAsyncHttpxClient(
                limits=httpx2.Limits(max_connections=CONNECTIONS, max_keepalive_connections=100)
            ),
        )

    async def close(self) -> None:
        await self._client.close()

    async def stream(self, request: Request, report: Report, take: Take) -> None:
        try:
            async with asyncio.timeout(TOTAL_SECONDS):
                await self._read(request, report, take)
        except openai.OpenAIError as problem:
            report.request_id = report.request_id or getattr(problem, "request_id", None) or ""
            raise cut(report) or told(problem) from problem
        except (httpx2.HTTPError, httpx2.StreamError) as problem:
            raise cut(report) or ProviderProblem() from problem
        except TimeoutError as problem:
            raise cut(report) or ProviderTimeout() from problem

    async def _read(self, request: Request, report: Report, take: Take) -> None:
        reader = Reader(report)
        completions = self._client.chat.completions.with_streaming_response
        try:
            # A limit that real pieces push away, and comments sent for ever do not.
            async with asyncio.timeout(FIRST_TOKEN_SECONDS) as limit:
                async with completions.create(**parameters(request)) as response:
                    report.request_id = response.headers.get("x-request-id", "")
                    async for received in response.iter_bytes():
                        piece = None if reader.done else reader.read(received)
                        if piece is not None:
                            limit.reschedule(_now() + _patience(reader))
                            take(piece)
                            await asyncio.sleep(0)  # sending never yields: others get their turn
                        if reader.problem:
                            raise reader.problem
        except (TimeoutError, httpx2.HTTPError):
            if not reader.done:
                raise
        reader.ended()


def _patience(reader: Reader) -> float:
    return END_SECONDS if reader.done else BETWEEN_TOKENS_SECONDS


def _now() -> float:
    return asyncio.get_running_loop().time()


def parameters(request: Request) -> dict[str, Any]:
    """The body of the call. An output limit is always in it, and that usage is to be reported."""
    asked = dict(request.parameters)
    limit = asked.pop("max_output_tokens")
    return {
        "model": request.model.id,
        "messages": request.messages,
        "stream": True,
        "stream_options": {"include_usage": True},
        request.model.limit_parameter: limit,
        **asked,
    }
