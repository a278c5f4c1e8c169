"""The SDK's client for a provider: OpenAI, Azure OpenAI, or any server that speaks as OpenAI does."""

import re
from urllib.request import getproxies

import httpx2
import openai
from openai._models import FinalRequestOptions

from conversations.provider.interface import Endpoint
from conversations.provider.openai_api import encoding
from conversations.provider.openai_api.chat import OpenAIChat
from conversations.provider.openai_api.deadlines import Limits
from conversations.provider.openai_api.network import Transport

# A production install has no built-in model: what people ask it is not for somebody else to hear.
NOBODY = "http://127.0.0.1:9/v1"
# Some servers want no key; the SDK insists on having one.
NO_KEY = "none"
# What the SDK reads itself (OPENAI_BASE_URL, OPENAI_ORG_ID, OPENAI_PROJECT_ID, OPENAI_CUSTOM_HEADERS) is
# about the first provider: no other's key goes to that address, and no other gets those headers, in
# which a gateway may want a secret of its own.
FIRST = "openai"
OPENAI = "https://api.openai.com/v1"
# Azure's newer address, which speaks as OpenAI does and wants no version
# (https://learn.microsoft.com/azure/ai-foundry/openai/api-version-lifecycle).
AZURE_V1 = "/openai/v1/"
AZURE_PATH = re.compile(r"/openai(?=[/?]|$)|\?")
# More than runs that one process answers at once, so that none waits for a connection; and kept
# for as long as most servers keep them, so that the next question need not wait for a handshake.
KEPT = httpx2.Limits(max_connections=1000, max_keepalive_connections=100, keepalive_expiry=60)


class Client(openai.AsyncOpenAI):
    """Azure's older addresses are made by the SDK of what is in the body: there it stays as it is."""

    async def _prepare_options(self, options: FinalRequestOptions) -> FinalRequestOptions:
        """The SDK's own hook."""
        return await encoding.in_pieces(await super()._prepare_options(options))


def chat_with(endpoint: Endpoint) -> OpenAIChat:
    limits = Limits(
        connect=endpoint.connect,
        first_token=endpoint.first_token,
        between_tokens=endpoint.between_tokens,
        answer=endpoint.answer,
    )
    return OpenAIChat(sdk_client(endpoint), limits)


def sdk_client(endpoint: Endpoint) -> openai.AsyncOpenAI:
    client = _client(endpoint)
    if endpoint.name != FIRST:
        client.organization = client.project = None
        client._custom_headers = {}  # noqa: SLF001 it cannot be told to leave them out
    return client


def _client(endpoint: Endpoint) -> openai.AsyncOpenAI:
    # Reads have deadlines of our own: comments keep the SDK's from ever firing.
    timeout = httpx2.Timeout(endpoint.answer, connect=endpoint.connect)
    # Retries are ours: visible, stoppable, bounded (runs/policy.py).
    retries = 0
    http, key = _http_client(endpoint.proxy), endpoint.key or NO_KEY
    if endpoint.kind == "azure" and endpoint.api_version:
        return openai.AsyncAzureOpenAI(
            azure_endpoint=_resource(endpoint.base_url),
            api_version=endpoint.api_version,
            api_key=key,
            max_retries=retries,
            timeout=timeout,
            http_client=http,
        )
    return Client(
        base_url=_address(endpoint),
        api_key=key,
        max_retries=retries,
        timeout=timeout,
        http_client=http,
    )


def _address(endpoint: Endpoint) -> str:
    if endpoint.kind == "azure":
        return _resource(endpoint.base_url) + AZURE_V1
    return endpoint.base_url or (NOBODY if endpoint.kind == "builtin" else OPENAI)


def _resource(address: str) -> str:
    """Of Azure, however much of it was copied: its portal shows whole addresses of calls."""
    return AZURE_PATH.split(address, maxsplit=1)[0].rstrip("/")


def _http_client(proxy: str) -> httpx2.AsyncClient:
    """Through a proxy httpx2 goes its own way, which costs more for each token."""
    if proxy:
        return openai.DefaultAsyncHttpxClient(limits=KEPT, proxy=proxy)
    is_proxied = {"http", "https", "all"} & getproxies().keys()
    transport = None if is_proxied else Transport(KEPT)
    return openai.DefaultAsyncHttpxClient(limits=KEPT, transport=transport)
