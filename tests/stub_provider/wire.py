"""Chat Completions as OpenAI puts it on the wire: objects, errors, headers."""

import json
import secrets
import time
from typing import Any

MODELS = ("gpt-4.1-mini", "gpt-4.1", "gpt-4o", "gpt-4o-mini", "gpt-5-mini")
USAGE: dict[str, Any] = {
    "prompt_tokens": 11,
    "completion_tokens": 7,
    "total_tokens": 18,
    "prompt_tokens_details": {"cached_tokens": 3, "audio_tokens": 0},
    "completion_tokens_details": {
        "reasoning_tokens": 2,
        "audio_tokens": 0,
        "accepted_prediction_tokens": 0,
        "rejected_prediction_tokens": 0,
    },
}
ERROR_TYPES = {
    400: "invalid_request_error",
    401: "invalid_request_error",
    403: "insufficient_permissions",
    404: "invalid_request_error",
    429: "requests",
}
ERROR_CODES = {401: "invalid_api_key", 404: "model_not_found", 429: "rate_limit_exceeded"}
REASONS = {
    200: "OK",
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    408: "Request Timeout",
    409: "Conflict",
    413: "Payload Too Large",
    429: "Too Many Requests",
    500: "Internal Server Error",
    502: "Bad Gateway",
    503: "Service Unavailable",
    529: "Overloaded",
}


def new_id(prefix: str) -> str:
    return prefix + secrets.token_hex(12)


def as_json(payload: object) -> bytes:
    """ASCII only, so that half a surrogate pair goes out as its escape and never as wrong UTF-8."""
    return json.dumps(payload, separators=(",", ":")).encode("ascii")


class Completion:
    """The objects of one answer, which share their id, time and model."""

    def __init__(self, model: str, include_usage: bool) -> None:
        self.id = new_id("chatcmpl-")
        self.created = int(time.time())
        self.model = model
        self.include_usage = include_usage

    def _head(self, kind: str) -> dict[str, Any]:
        return {
            "id": self.id,
            "object": kind,
            "created": self.created,
            "model": self.model,
            "service_tier": "default",
            "system_fingerprint": "fp_stub",
        }

    def chunk(self, delta: dict[str, Any] | None, finish: str | None = None) -> dict[str, Any]:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
        chunk = {**self._head("chat.completion.chunk"), "choices": [choice]}
        if self.include_usage:
            chunk["usage"] = None
        return {**chunk, "obfuscation": secrets.token_urlsafe(6)}

    def usage_chunk(self, usage: dict[str, Any]) -> dict[str, Any]:
        head = self._head("chat.completion.chunk")
        return {**head, "choices": [], "usage": usage, "obfuscation": secrets.token_urlsafe(6)}

    def whole(
        self, message: dict[str, Any], finish: str | None, usage: dict[str, Any] | None
    ) -> dict[str, Any]:
        choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": finish}
        whole = {**self._head("chat.completion"), "choices": [choice]}
        return whole if usage is None else {**whole, "usage": usage}


def sse(payload: object, event: str | None = None, newline: str = "\n") -> bytes:
    """One server-sent event; `payload` as JSON, or as it is when it is bytes."""
    data = payload if isinstance(payload, bytes) else as_json(payload)
    name = f"event: {event}{newline}" if event else ""
    return name.encode() + b"data: " + data + (newline * 2).encode()


def error_body(status: int, message: str, **fields: Any) -> dict[str, Any]:
    """The `error` object of OpenAI; `fields` replace `type`, `param` and `code`."""
    error: dict[str, Any] = {
        "message": message,
        "type": ERROR_TYPES.get(status, "server_error"),
        "param": None,
        "code": ERROR_CODES.get(status),
    }
    return {"error": {**error, **fields}}


def model_list() -> dict[str, Any]:
    return {
        "object": "list",
        "data": [
            {"id": name, "object": "model", "created": 1_744_316_542, "owned_by": "system"}
            for name in MODELS
        ],
    }


def deployment_list() -> dict[str, Any]:
    """As Azure tells it: `id` is what its owner called it. One is still being made."""
    told = {"our-chat": "gpt-4o", "our-new": "a-model-of-tomorrow", "being-made": "gpt-4o"}
    states = {"being-made": "running"}
    return {
        "object": "list",
        "data": [
            {
                "id": id,
                "model": model,
                "object": "deployment",
                "status": states.get(id, "succeeded"),
            }
            for id, model in told.items()
        ],
    }


def head(status: int, headers: dict[str, str]) -> bytes:
    lines = [f"HTTP/1.1 {status} {REASONS.get(status, 'Unknown')}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def openai_headers(content_type: str) -> dict[str, str]:
    return {
        "content-type": content_type,
        "openai-organization": "stub",
        "openai-processing-ms": "12",
        "openai-version": "2020-10-01",
        "x-ratelimit-limit-requests": "10000",
        "x-ratelimit-remaining-requests": "9999",
        "x-request-id": new_id("req_"),
    }
