"""What a provider says that it has: `GET /models`, and what some servers say beyond OpenAI's fields."""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from conversations.errors import ProviderTimeout, Refusal
from conversations.provider.fetch import Found, Unreachable
from conversations.provider.interface import Endpoint
from conversations.provider.openai_api.chat import TROUBLE
from conversations.provider.openai_api.client import sdk_client
from conversations.provider.openai_api.errors import detail_of, told, without_key
from conversations.text import clean

WITHIN_SECONDS = 15.0
# A list that goes on for ever is not read for ever.
MOST = 2_000
NAME_CHARACTERS = 100


def models_at(endpoint: Endpoint) -> tuple[list[Found], float]:
    """Its models, and in how many seconds it told them. Raises Unreachable. Not on an event loop."""
    hurried = replace(endpoint, answer=min(endpoint.answer, WITHIN_SECONDS))
    began = time.monotonic()
    try:
        found = asyncio.run(_asked(hurried))
    except TROUBLE as trouble:
        problem = ProviderTimeout() if isinstance(trouble, TimeoutError) else told(trouble)
        raise Unreachable(problem, without_key(detail_of(trouble), endpoint.key)) from None
    except (ValueError, TypeError, AttributeError, LookupError) as trouble:
        raise Unreachable(Refusal(), f"no list of models came ({type(trouble).__name__})") from None
    return found, time.monotonic() - began


async def _asked(endpoint: Endpoint) -> list[Found]:
    async with asyncio.timeout(WITHIN_SECONDS), sdk_client(endpoint) as client:
        page = await client.models.list()
        return [_found(model.to_dict()) for model in page.data[:MOST]]


def _found(said: Mapping[str, Any]) -> Found:
    """vLLM says `max_model_len`, OpenRouter `context_length` and more, llama.cpp has it under `meta`."""
    window = _first(said, "max_model_len", "context_length", "context_window") or _first(
        said.get("meta"), "n_ctx", "n_ctx_train"
    )
    inputs = _of(said, "architecture").get("input_modalities")
    return Found(
        id=clean(str(said["id"])),
        name=clean(str(said.get("name") or ""))[:NAME_CHARACTERS],
        context_window=window,
        max_output_tokens=_first(_of(said, "top_provider"), "max_completion_tokens"),
        sees="image" in inputs if isinstance(inputs, list) else None,
    )


def _of(said: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = said.get(name)
    return value if isinstance(value, Mapping) else {}


def _first(said: Any, *names: str) -> int | None:
    """The first of these that is a number of tokens that can be kept."""
    values = [said.get(name) for name in names] if isinstance(said, Mapping) else []
    return next(
        (value for value in values if isinstance(value, int) and 256 <= value < 2**31), None
    )
