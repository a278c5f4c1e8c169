"""Chat Completions, streamed. The SDK makes the request; its raw bytes are read by our own parser."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

import httpx2
import openai
from django.utils.translation import gettext_lazy as _

from conversations.errors import Interrupted, ProviderTimeout, Refusal
from conversations.provider.interface import Model, Report, Request, Said, Scores, Take
from conversations.provider.openai_api import body, moderation, whole
from conversations.provider.openai_api.deadlines import Deadline, Limits
from conversations.provider.openai_api.errors import detail_of, told, without_key
from conversations.provider.openai_api.network import goes_out
from conversations.provider.openai_api.reader import Reader
from conversations.text import span

# Behind a finish reason come the usage and [DONE], within milliseconds if at all.
USAGE_SECONDS = 2.0
# A body read to its end leaves a connection that the next call uses, without a handshake before
# its first token. After [DONE] the end is a few bytes away, or not worth waiting for.
END_SECONDS = 0.5
NOT_BEGUN = _("The model did not begin to answer within {time}.")
FELL_SILENT = _("The model fell silent in the middle of its answer.")
TOO_LONG = _("The answer took longer than {time} and was ended.")

TROUBLE = (openai.OpenAIError, httpx2.HTTPError, httpx2.StreamError, TimeoutError)


class OpenAIChat:
    def __init__(self, client: openai.AsyncOpenAI, limits: Limits) -> None:
        self._client, self._limits = client, limits
        self._key = client.api_key
        self._calls, self._is_leaving = 0, False

    async def close(self) -> None:
        """Once its calls are over: nobody is cut off because an address was changed."""
        self._is_leaving = True
        await self._close_when_idle()

    async def _close_when_idle(self) -> None:
        if self._is_leaving and not self._calls:
            await self._client.close()

    async def stream(self, request: Request, report: Report, take: Take) -> None:
        reader = Reader(report)
        deadline = Deadline(self._limits.first_token, at_most=self._limits.answer)
        try:
            async with self._call(report), deadline:
                await self._read(request, reader, deadline, take)
        except TROUBLE as trouble:
            if reader.done or report.finish_reason:
                return  # the answer is whole; only the end of its body went wrong
            _note(trouble, report)
            raise self._told(trouble, reader, deadline) from trouble
        finally:
            report.detail = without_key(report.detail, self._key)

    async def whole(self, request: Request, report: Report, *, within: float) -> str:
        create = self._client.chat.completions.with_streaming_response.create
        async with self._small(report, within), create(**whole_body(request)) as response:
            return await whole.read(response, report)

    async def judge(self, model: Model, said: Said, report: Report, *, within: float) -> Scores:
        create = self._client.moderations.with_streaming_response.create
        asked = moderation.body(model, said)
        async with self._small(report, within), create(**asked) as response:
            return await moderation.read(response, report)

    @asynccontextmanager
    async def _small(self, report: Report, within: float) -> AsyncIterator[None]:
        """Around a call whose answer is wanted whole: what goes wrong is told."""
        try:
            async with self._call(report), asyncio.timeout(within):
                yield
        except TROUBLE as trouble:
            _note(trouble, report)
            raise (
                ProviderTimeout() if isinstance(trouble, TimeoutError) else told(trouble)
            ) from trouble
        finally:
            report.detail = without_key(report.detail, self._key)

    @asynccontextmanager
    async def _call(self, report: Report) -> AsyncIterator[None]:
        self._calls += 1
        goes_out.set(partial(setattr, report, "sent", True))
        try:
            yield
        finally:
            self._calls -= 1
            await self._close_when_idle()

    async def _read(self, request: Request, reader: Reader, deadline: Deadline, take: Take) -> None:
        create = self._client.chat.completions.with_streaming_response.create
        hear = partial(self._hear, reader, deadline, take)
        asked = parameters(request)
        reader.asks({**asked, **asked["extra_body"]})
        try:
            async with create(**asked) as response:
                reader.answered(response.headers)
                await body.read(response, hear)
        finally:
            piece = reader.rest()
            if piece is not None:
                take(piece)
        reader.ended()

    def _hear(self, reader: Reader, deadline: Deadline, take: Take, received: bytes) -> bool:
        """Hand on what has come. Only what a reader can see pushes the deadline away."""
        piece = None if reader.done else reader.read(received)
        if piece is not None:
            take(piece)
            deadline.push(self._limits.between_tokens)
        if reader.whole or reader.done:
            deadline.pull(END_SECONDS if reader.done else USAGE_SECONDS)
        return reader.problem is None

    def _told(self, trouble: Exception, reader: Reader, deadline: Deadline) -> Refusal:
        if isinstance(trouble, TimeoutError):
            return self._too_late(reader, deadline)
        return Interrupted() if reader.began else told(trouble)

    def _too_late(self, reader: Reader, deadline: Deadline) -> Refusal:
        """A deadline of ours has passed. Nobody waits for the same a second time."""
        if reader.spoke and not deadline.was_the_last:
            return Interrupted(reason=FELL_SILENT)
        name, seconds = NOT_BEGUN, self._limits.first_token
        if deadline.was_the_last:
            name, seconds = TOO_LONG, self._limits.answer
        reason = name.format(time=span(round(seconds)))
        if reader.spoke:
            return Interrupted(reason=reason)
        kind = Interrupted if reader.began else ProviderTimeout
        return kind(reason=reason, advice=ProviderTimeout.advice, retryable=False)


def _note(trouble: Exception, report: Report) -> None:
    report.request_id = report.request_id or getattr(trouble, "request_id", None) or ""
    report.refused = isinstance(trouble, openai.APIStatusError)
    report.detail = detail_of(trouble)


def parameters(request: Request) -> dict[str, Any]:
    """The body of a streamed call: usage is to be reported, by servers that can."""
    usage = {"stream_options": {"include_usage": True}} if request.model.counts else {}
    return {**whole_body(request), "stream": True, **usage}


def whole_body(request: Request) -> dict[str, Any]:
    """The body of a call. An output limit is always in it."""
    asked = dict(request.parameters)
    limit = asked.pop("max_output_tokens")
    return {
        "model": request.model.sent_as or request.model.id,
        # The SDK looks for keys to rename in all that it knows, on the event loop: there are none here.
        "messages": [],
        "extra_body": {"messages": request.messages},
        request.model.limit_parameter: limit,
        **asked,
    }
