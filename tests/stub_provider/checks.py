"""Requests that OpenAI would refuse, refused here too, so that a wrong request fails its test."""

import base64
import binascii
from typing import Any

from tests.stub_provider.record import Request, parts_of
from tests.stub_provider.script import Reply, fails

KNOWN = frozenset(
    [
        "audio",
        "frequency_penalty",
        "function_call",
        "functions",
        "logit_bias",
        "logprobs",
        "max_completion_tokens",
        "max_tokens",
        "messages",
        "metadata",
        "modalities",
        "model",
        "n",
        "parallel_tool_calls",
        "prediction",
        "presence_penalty",
        "prompt_cache_key",
        "prompt_cache_retention",
        "reasoning_effort",
        "response_format",
        "safety_identifier",
        "seed",
        "service_tier",
        "stop",
        "store",
        "stream",
        "stream_options",
        "temperature",
        "tool_choice",
        "tools",
        "top_logprobs",
        "top_p",
        "user",
        "verbosity",
        "web_search_options",
    ]
)
ROLES = {"developer", "system", "user", "assistant", "tool", "function"}
REASONING = ("gpt-5", "o1", "o3", "o4")


def objection(request: Request) -> Reply | None:
    """The 400 or 401 that OpenAI would give, or None."""
    if not request.headers.get("authorization", "").startswith("Bearer "):
        return fails(401, "You didn't provide an API key.", code=None)
    body = request.json
    for name in ("model", "messages"):
        if not body.get(name):
            return fails(400, f"Missing required parameter: '{name}'.", param=name)
    unknown = sorted(set(body) - KNOWN)
    if unknown:
        return fails(400, f"Unrecognized request argument supplied: {unknown[0]}")
    return _about_parameters(body) or _about_messages(request)


def _about_parameters(body: dict[str, Any]) -> Reply | None:
    if "max_tokens" in body and "max_completion_tokens" in body:
        return fails(
            400,
            "Setting 'max_tokens' and 'max_completion_tokens' at the same time is not supported.",
        )
    if body.get("stream_options") is not None and not body.get("stream"):
        return fails(
            400, "The 'stream_options' parameter is only allowed when 'stream' is enabled."
        )
    if str(body["model"]).startswith(REASONING):
        for name in ("max_tokens", "temperature", "top_p"):
            if body.get(name) not in (None, 1):
                return fails(400, f"Unsupported parameter: '{name}' with this model.", param=name)
    return None


def _about_messages(request: Request) -> Reply | None:
    for at, message in enumerate(request.messages):
        if message.get("role") not in ROLES:
            return fails(
                400, f"Invalid value: 'messages[{at}].role'.", param=f"messages[{at}].role"
            )
        for part in parts_of(message):
            if part.get("type") == "image_url" and not _is_image(part):
                return fails(400, "Invalid base64 image_url.", code="invalid_base64")
            if (
                part.get("type") == "text"
                and not part.get("text")
                and isinstance(message["content"], list)
            ):
                return fails(400, f"Invalid 'messages[{at}].content': empty text part.")
    return None


def _is_image(part: dict[str, Any]) -> bool:
    url = str(part.get("image_url", {}).get("url", ""))
    if url.startswith("https://"):
        return True
    head, _, data = url.partition(";base64,")
    if not head.startswith("data:image/") or part["image_url"].get("detail", "auto") not in (
        "auto",
        "low",
        "high",
    ):
        return False
    try:
        return bool(base64.b64decode(data, validate=True))
    except binascii.Error:
        return False
