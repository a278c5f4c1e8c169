"""Who the stub is, by the path that is asked: OpenAI, Azure OpenAI, or a small server of long ago."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.stub_provider.checks import objection
from tests.stub_provider.record import Request
from tests.stub_provider.script import Reply, fails

AZURE = re.compile(r"/openai/deployments/(?P<deployment>[^/?]+)(?P<call>/chat/completions)")
AZURE_LISTS = {"/openai/models": "/v1/models", "/openai/deployments": "/v1/deployments"}
# Later ones leave that to Azure's management.
LISTS_DEPLOYMENTS = "2023-03-15-preview"
# What llama.cpp's and other servers took before they learned more.
OLD = frozenset(
    ["model", "messages", "stream", "max_tokens", "temperature", "top_p", "stop", "seed",
     "presence_penalty", "frequency_penalty"]
)  # fmt: skip


@dataclass(frozen=True)
class Dialect:
    name: str
    call: str
    objection: Callable[[Request], Reply | None]
    # Whether it tells what an answer took, if it is asked to.
    counts: bool = True


def dialect_of(request: Request) -> Dialect:
    path = urlsplit(request.path).path
    if azure := AZURE.fullmatch(path):
        return Dialect("azure", f"/v1{azure['call']}", _as_azure)
    if path in AZURE_LISTS:
        return Dialect("azure", AZURE_LISTS[path], _as_azure)
    if path.startswith("/plain/"):
        return Dialect("plain", path.removeprefix("/plain"), _as_of_old, counts=False)
    return Dialect("openai", path, objection)


def _as_azure(request: Request) -> Reply | None:
    """The key in a header of its own, the version in the address, the deployment for the model."""
    if not request.headers.get("api-key"):
        return fails(401, "Access denied due to invalid subscription key.", code="401")
    if not parse_qs(urlsplit(request.path).query).get("api-version"):
        return fails(404, "Resource not found", code="404")
    keyed = {**request.headers, "authorization": f"Bearer {request.headers['api-key']}"}
    return objection(Request(request.method, request.path, keyed, request.body))


def lists_deployments(request: Request) -> bool:
    version = parse_qs(urlsplit(request.path).query).get("api-version")
    return bool(request.headers.get("api-key")) and version == [LISTS_DEPLOYMENTS]


def _as_of_old(request: Request) -> Reply | None:
    """It wants no key, and takes only what there was at first, in the form that there was at first."""
    body: dict[str, Any] = request.json
    unknown = sorted(body.keys() - OLD)
    if unknown:
        return fails(400, f"unknown field: {unknown[0]}")
    for message in body.get("messages", []):
        if message.get("role") not in ("system", "user", "assistant"):
            return fails(400, f"unknown role: {message.get('role')}")
        if not isinstance(message.get("content"), str):
            return fails(400, "content must be a string")
    return None
