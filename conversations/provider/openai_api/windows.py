"""How much the models of a server of one's own can take, where its list does not say: Ollama and llama.cpp.

Ollama cuts what is too long without a word, from its beginning. What counts is not how long a model could
read but how long its server lets it.
"""

import asyncio
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import openai

from conversations.provider.fetch import Found
from conversations.provider.interface import Endpoint
from conversations.provider.openai_api.chat import TROUBLE
from conversations.provider.openai_api.client import sdk_client
from conversations.text import clean

WITHIN_SECONDS = 8.0
AT_ONCE = 8
# What Ollama lets a model read on a machine with little video memory, where nobody has said otherwise
# (https://docs.ollama.com/context-length).
OLLAMA_WINDOW = 4_096
NUM_CTX = re.compile(r"^num_ctx\s+(\d{1,9})\s*$", re.MULTILINE)

Said = Mapping[str, Any]


def completed(endpoint: Endpoint, found: list[Found]) -> list[Found]:
    """`found` as it is, where nothing is missing or the server is neither. Not on an event loop."""
    if all(one.context_window and not one.is_guess for one in found):
        return found
    try:
        return asyncio.run(_asked(endpoint, found))
    except (*TROUBLE, ValueError, TypeError):  # what the list said stands
        return found


async def _asked(endpoint: Endpoint, found: list[Found]) -> list[Found]:
    async with asyncio.timeout(WITHIN_SECONDS), sdk_client(endpoint) as client:
        root = str(client.base_url).rstrip("/").removesuffix("/v1")
        loaded = (await _said(client, f"{root}/api/ps")).get("models")
        if isinstance(loaded, list):
            return await _of_ollama(client, root, found, _windows(loaded))
        slot = (await _said(client, f"{root}/props")).get("default_generation_settings")
        window = tokens(slot.get("n_ctx")) if isinstance(slot, Mapping) else None
        return [_with(one, window) for one in found]


async def _of_ollama(
    client: openai.AsyncOpenAI, root: str, found: list[Found], loaded: dict[str, int]
) -> list[Found]:
    turns = asyncio.Semaphore(AT_ONCE)

    async def complete(one: Found) -> Found:
        async with turns:
            shown = await _said(client, f"{root}/api/show", {"model": one.id})
        return _as_shown(one, shown, loaded.get(one.id))

    return list(await asyncio.gather(*map(complete, found)))


def _as_shown(one: Found, shown: Said, loaded: int | None) -> Found:
    """As long as it is loaded that is what holds; else what its own parameters say; else a guess."""
    able = shown.get("capabilities")
    seen = replace(one, sees="vision" in able) if isinstance(able, list) else one
    longest = _longest(shown.get("model_info"))
    if shown.get("remote_host") and longest:  # it runs in Ollama's cloud, with all that it has
        return _with(seen, longest)
    chosen = NUM_CTX.search(str(shown.get("parameters") or ""))
    if sure := loaded or (tokens(int(chosen[1])) if chosen else None):
        return _with(seen, min(sure, longest or sure))
    return replace(seen, context_window=min(OLLAMA_WINDOW, longest or OLLAMA_WINDOW), is_guess=True)


def _with(one: Found, window: int | None) -> Found:
    return replace(one, context_window=window, is_guess=False) if window else one


def _windows(loaded: list[Any]) -> dict[str, int]:
    said = {
        clean(str(one.get("name"))): tokens(one.get("context_length"))
        for one in loaded
        if isinstance(one, Mapping)
    }
    return {name: window for name, window in said.items() if window}


def _longest(info: Any) -> int | None:
    """Under the name of its architecture, such as `llama.context_length`."""
    values = info.items() if isinstance(info, Mapping) else ()
    return next((tokens(value) for name, value in values if name.endswith(".context_length")), None)


def tokens(value: Any) -> int | None:
    """A number of tokens that can be kept."""
    return value if isinstance(value, int) and 256 <= value < 2**31 else None


async def _said(client: openai.AsyncOpenAI, address: str, body: Said | None = None) -> Said:
    """Nothing, where it knows no such address."""
    try:
        said: Any = await (
            client.post(address, body=body, cast_to=object)
            if body
            else client.get(address, cast_to=object)
        )
    except openai.APIStatusError:
        return {}
    return said if isinstance(said, Mapping) else {}
