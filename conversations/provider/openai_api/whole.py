"""An answer that is wanted whole and small: no stream, one object."""

from typing import Any

import orjson
from openai import AsyncAPIResponse

from conversations.errors import ProviderProblem
from conversations.provider.interface import Report
from conversations.provider.openai_api.parts import said
from conversations.provider.openai_api.reader import (
    NOT_A_STREAM,
    NOT_A_STREAM_ADVICE,
)
from conversations.provider.openai_api.thinking import Thinking
from conversations.provider.openai_api.usage import usage
from conversations.text import clean

# What is asked for like this is a line or two; a server that sends more is not listened to.
MOST_BYTES = 1024 * 1024


async def read(response: AsyncAPIResponse[Any], report: Report) -> str:
    """The words of the answer, without the model's thinking. Raises ProviderProblem."""
    body = await read_body(response, report)
    try:
        answer = orjson.loads(body)
        choice = answer["choices"][0]
        content, reason = choice["message"].get("content"), choice.get("finish_reason")
    except (orjson.JSONDecodeError, LookupError, TypeError, AttributeError):
        raise strange(report, f"HTTP 200, {len(body)} bytes, no answer in it") from None
    report.began = True
    report.usage = usage(answer.get("usage"))
    report.finish_reason = clean(reason) if isinstance(reason, str) else ""
    return _words(said(content)[0])


async def read_body(response: AsyncAPIResponse[Any], report: Report) -> bytes:
    """Raises ProviderProblem where it does not end."""
    report.request_id = response.headers.get("x-request-id", "")
    body = bytearray()
    async for part in response.iter_bytes():
        body += part
        if len(body) > MOST_BYTES:
            raise strange(report, "an answer without an end")
    return bytes(body)


def _words(content: str) -> str:
    thinking = Thinking()
    text, _ = thinking.part(content)
    rest, _ = thinking.rest()
    return clean(text + rest)


def strange(report: Report, why: str) -> ProviderProblem:
    report.detail = why
    return ProviderProblem(reason=NOT_A_STREAM, advice=NOT_A_STREAM_ADVICE)
