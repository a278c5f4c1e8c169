"""What a provider says that it has: `GET /models`, and what some servers say beyond OpenAI's fields."""

import asyncio
import time
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import replace
from typing import Any

import openai
from django.utils.translation import gettext_lazy as _

from conversations.errors import ProviderProblem, ProviderTimeout, Words, spoken
from conversations.models.catalogue import ProviderKind
from conversations.provider.fetch import Found, Unreachable
from conversations.provider.interface import Endpoint
from conversations.provider.openai_api.chat import TROUBLE
from conversations.provider.openai_api.client import sdk_client
from conversations.provider.openai_api.errors import detail_of, told, without_key
from conversations.provider.openai_api.windows import completed, tokens
from conversations.text import clean

WITHIN_SECONDS = 15.0
# A list that goes on for ever is not read for ever.
MOST = 2_000
NAME_CHARACTERS = 100
# The newest at which Azure lists deployments to who has but a key; those after it leave that to its
# management, which wants an account of its own.
DEPLOYMENTS_VERSION = "2023-03-15-preview"

NO_LIST = _(
    "What answers there does not speak as OpenAI does. Is the address right, with /v1 at its end?"
)
NO_DEPLOYMENTS = _(
    "Azure does not tell its deployments to this key. Add a model for each by hand, with its name as the id "
    "that is sent."
)


def models_at(endpoint: Endpoint) -> tuple[list[Found], float]:
    """Its models, and in how many seconds it told them. Raises Unreachable. Not on an event loop."""
    began = time.monotonic()
    found, seconds = _listed(endpoint, _models), time.monotonic() - began
    is_one_s_own = endpoint.kind == ProviderKind.COMPATIBLE
    return (completed(endpoint, found) if is_one_s_own else found), seconds


def deployments_at(endpoint: Endpoint) -> list[Found]:
    """Of a resource of Azure, whose list of models is of all that could be deployed there."""
    return _listed(replace(endpoint, api_version=DEPLOYMENTS_VERSION), _deployments)


Ask = Callable[[openai.AsyncOpenAI], Coroutine[Any, Any, list[Found]]]


def _listed(endpoint: Endpoint, ask: Ask) -> list[Found]:
    hurried = replace(endpoint, answer=min(endpoint.answer, WITHIN_SECONDS))
    try:
        return asyncio.run(_asked(hurried, ask))
    except openai.NotFoundError as trouble:
        problem = NO_DEPLOYMENTS if ask is _deployments else NO_LIST
        raise Unreachable(problem, without_key(detail_of(trouble), endpoint.key)) from None
    except TROUBLE as trouble:
        raise Unreachable(_said(trouble), without_key(detail_of(trouble), endpoint.key)) from None
    except (ValueError, TypeError, AttributeError, LookupError) as trouble:
        raise Unreachable(NO_LIST, type(trouble).__name__) from None


def _said(trouble: Exception) -> Words:
    """Without what a reader is advised to do: an administrator looks at it just now."""
    problem = ProviderTimeout() if isinstance(trouble, TimeoutError) else told(trouble)
    return spoken(problem.reason) if isinstance(problem, ProviderProblem) else str(problem)


async def _asked(endpoint: Endpoint, ask: Ask) -> list[Found]:
    async with asyncio.timeout(WITHIN_SECONDS), sdk_client(endpoint) as client:
        return await ask(client)


async def _models(client: openai.AsyncOpenAI) -> list[Found]:
    page = await client.models.list()
    return [_found(model.to_dict()) for model in page.data[:MOST]]


async def _deployments(client: openai.AsyncOpenAI) -> list[Found]:
    """https://github.com/openai/openai-python/issues/447 has what comes."""
    said: Any = await client.get("/deployments", cast_to=object)
    ready = [one for one in said["data"][:MOST] if one.get("status", "succeeded") == "succeeded"]
    return [Found(id=clean(str(one["id"])), model=clean(str(one.get("model")))) for one in ready]


def _found(said: Mapping[str, Any]) -> Found:
    """vLLM says `max_model_len`, OpenRouter `context_length` and more, llama.cpp has it under `meta`: there
    `n_ctx_train` is what the model could read, and its server may let it read less."""
    window = _first(said, "max_model_len", "context_length", "context_window")
    window = window or _first(said.get("meta"), "n_ctx")
    trained = None if window else _first(said.get("meta"), "n_ctx_train")
    inputs = _of(said, "architecture").get("input_modalities")
    return Found(
        id=clean(str(said["id"])),
        name=clean(str(said.get("name") or ""))[:NAME_CHARACTERS],
        context_window=window or trained,
        is_guess=trained is not None,
        max_output_tokens=_first(_of(said, "top_provider"), "max_completion_tokens"),
        sees="image" in inputs if isinstance(inputs, list) else None,
    )


def _of(said: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = said.get(name)
    return value if isinstance(value, Mapping) else {}


def _first(said: Any, *names: str) -> int | None:
    """The first of these that is a number of tokens."""
    values = [tokens(said.get(name)) for name in names] if isinstance(said, Mapping) else []
    return next(filter(None, values), None)
