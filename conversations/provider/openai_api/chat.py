"""Chat Completions, streamed. The SDK makes the request; its raw bytes are read by our own parser."""

import asyncio
import json
from typing import Any

import httpx2
import openai
import orjson

from conversations.errors import Interrupted, ProviderProblem, ProviderTimeout, Refusal
from conversations.provider.interface import Piece, Report, Request, Take, Usage
from conversations.provider.openai_api.errors import told, told_of_body
from conversations.provider.openai_api.sse import Event, Events
from conversations.text import clean

CONNECT_SECONDS = 10.0
FIRST_TOKEN_SECONDS = 60.0
BETWEEN_TOKENS_SECONDS = 60.0
TOTAL_SECONDS = 15 * 60.0
# A body read to its end leaves a connection that the next call uses, without a handshake before
# its first token. After [DONE] the end is a few bytes away, or not worth waiting for.
END_SECONDS = 0.5
# More than runs that one process answers at once, so that none waits for a connection.
CONNECTIONS = 1000

DONE = b"[DONE]"
NOT_A_STREAM = "The model's provider did not answer in the expected form."


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
            raise _cut(report) or told(problem) from problem
        except (httpx2.HTTPError, httpx2.StreamError) as problem:
            raise _cut(report) or ProviderProblem() from problem
        except TimeoutError as problem:
            raise _cut(report) or ProviderTimeout() from problem

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


def _patience(reader: "Reader") -> float:
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


def _cut(report: Report) -> Refusal | None:
    return Interrupted() if report.began else None


class Reader:
    """Turns the bytes of one stream into pieces, and fills its report."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self._events = Events()
        self._half_text = ""
        self._half_reasoning = ""
        self.done = False
        # Raised by the caller once it has handed on what came before it in the same bytes.
        self.problem: Refusal | None = None

    def read(self, received: bytes) -> Piece | None:
        """What these bytes completed; None when it was nothing but comments or half an event."""
        events = self._events.feed(received)
        if not events:
            return None
        piece = Piece()
        for event in events:
            if event.data == DONE:
                self.done = True
                break
            try:
                self._take(event, piece)
            except Refusal as problem:
                self.problem = problem
                break
        piece.text, self._half_text = whole_characters(self._half_text + piece.text)
        piece.reasoning, self._half_reasoning = whole_characters(
            self._half_reasoning + piece.reasoning
        )
        return piece

    def ended(self) -> None:
        """The bytes are over. Raises when what came was no stream at all, or was cut in an event."""
        if not self._report.began:
            raise ProviderProblem(NOT_A_STREAM)

    def _take(self, event: Event, piece: Piece) -> None:
        chunk = parsed(event.data, self._report)
        error = chunk.get("error")
        if error or event.name == b"error":
            raise told_of_body(error or chunk)
        choices = chunk.get("choices")
        if isinstance(choices, list):
            self._report.began = True
            if choices and isinstance(choices[0], dict):
                self._take_choice(choices[0], piece)
        if isinstance(chunk.get("usage"), dict):
            self._report.usage = usage(chunk["usage"])

    def _take_choice(self, choice: dict[str, Any], piece: Piece) -> None:
        delta = choice.get("delta")
        if isinstance(delta, dict):
            # A refusal is the answer, in words of the model's own.
            for name in ("content", "refusal"):
                if isinstance(delta.get(name), str):
                    piece.text += delta[name]
            for name in ("reasoning_content", "reasoning"):
                if isinstance(delta.get(name), str):
                    piece.reasoning += delta[name]
                    break
        if isinstance(choice.get("finish_reason"), str):
            self._report.finish_reason = clean(choice["finish_reason"])


def parsed(data: bytes, report: Report) -> dict[str, Any]:
    """One event's JSON. Half a surrogate pair, which orjson refuses, is read by the slower parser."""
    try:
        chunk = orjson.loads(data)
    except orjson.JSONDecodeError:
        try:
            chunk = json.loads(data)
        except (ValueError, RecursionError):
            raise _cut(report) or ProviderProblem(NOT_A_STREAM) from None
    if not isinstance(chunk, dict):
        raise _cut(report) or ProviderProblem(NOT_A_STREAM)
    return chunk


def whole_characters(text: str) -> tuple[str, str]:
    """`text` clean for Postgres, and a first half of a surrogate pair that the next piece may end."""
    if text and "\ud800" <= text[-1] <= "\udbff":
        return clean(text[:-1]), text[-1]
    return clean(text), ""


def usage(reported: dict[str, Any]) -> Usage | None:
    """Tokens as reported; what is missing or negative counts as nothing."""

    def count(fields: Any, name: str) -> int:
        value = fields.get(name) if isinstance(fields, dict) else None
        return min(value, 2**31 - 1) if isinstance(value, int) and value > 0 else 0

    return Usage(
        input=count(reported, "prompt_tokens"),
        cached_input=count(reported.get("prompt_tokens_details"), "cached_tokens"),
        output=count(reported, "completion_tokens"),
        reasoning=count(reported.get("completion_tokens_details"), "reasoning_tokens"),
    )
