"""What servers of one's own let their models read: what they say of it is believed, the rest is a guess."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from conversations.models import LanguageModel, Provider, User
from conversations.provider import fetch
from conversations.provider.openai_api.windows import OLLAMA_WINDOW
from tests.features.admin_catalogue_kit import MODELS, did
from tests.features.admin_kit import client_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("catalogue_anew")]


class OnesOwn(ThreadingHTTPServer):
    """A server that `says` something at each path; for a path with a body, by the model that it names."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.says: dict[str, Any] = {}

    def lists(self, *models: dict[str, Any]) -> None:
        self.says["/v1/models"] = {
            "object": "list",
            "data": [{"object": "model", **m} for m in models],
        }


class Handler(BaseHTTPRequestHandler):
    server: OnesOwn

    def do_GET(self) -> None:
        self._answer(self.server.says.get(self.path))

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["content-length"])))
        self._answer(self.server.says.get(self.path, {}).get(asked["model"]))

    def _answer(self, said: Any) -> None:
        body = json.dumps(said or {"error": "not found"}).encode()
        self.send_response(200 if said else 404)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None: ...


@pytest.fixture
def theirs() -> Iterator[OnesOwn]:
    with OnesOwn() as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture
def provider(theirs: OnesOwn) -> Provider:
    address = f"http://127.0.0.1:{theirs.server_port}/v1"
    return Provider.objects.create(name="own", kind="compatible", base_url=address)


def windows(provider: Provider) -> dict[str, tuple[int, bool]]:
    """And whether each is a guess."""
    return {row.slug: (row.context_window, row.is_window_guessed) for row in fetch.fetch(provider)}


def shown(longest: int, parameters: str = "", **more: Any) -> dict[str, Any]:
    info = {"general.architecture": "llama", "llama.context_length": longest}
    return {"model_info": info, "parameters": parameters, **more}


def test_ollama_is_asked_for_what_it_lets_each_model_read(
    theirs: OnesOwn, provider: Provider
) -> None:
    theirs.lists(*({"id": id} for id in ("loaded", "chosen", "usual", "tiny", "cloud", "mute")))
    theirs.says["/api/ps"] = {"models": [{"name": "loaded", "context_length": 32_768}]}
    theirs.says["/api/show"] = {
        "loaded": shown(131_072, "num_ctx 8192"),
        "chosen": shown(131_072, 'stop   "<|x|>"\nnum_ctx                        16384'),
        "usual": shown(131_072, "num_keep 24", capabilities=["completion", "vision"]),
        "tiny": shown(2_048),
        "cloud": shown(262_144, remote_host="https://ollama.com"),
    }
    assert windows(provider) == {
        "loaded": (32_768, False),
        "chosen": (16_384, False),
        "usual": (OLLAMA_WINDOW, True),
        "tiny": (2_048, True),
        "cloud": (262_144, False),
        "mute": (OLLAMA_WINDOW, True),
    }
    assert LanguageModel.objects.get(slug="usual").abilities == ["vision"]


def test_llama_cpp_says_what_its_slots_take(theirs: OnesOwn, provider: Provider) -> None:
    theirs.lists({"id": "gguf", "meta": {"n_ctx_train": 131_072}})
    theirs.says["/props"] = {"default_generation_settings": {"n_ctx": 4_096}}
    assert windows(provider) == {"gguf": (4_096, False)}


def test_what_a_list_says_is_enough(theirs: OnesOwn, provider: Provider) -> None:
    theirs.lists({"id": "vllm", "max_model_len": 40_960}, {"id": "new", "meta": {"n_ctx": 9_000}})
    theirs.says["/props"] = {"default_generation_settings": {"n_ctx": 4_096}}
    assert windows(provider) == {"vllm": (40_960, False), "new": (9_000, False)}


@pytest.mark.parametrize(
    "odd",
    [
        {},
        {"/api/ps": ["models"]},
        {"/api/ps": {"models": [7, {"name": None, "context_length": "x"}]}},
        {"/api/ps": {"models": []}, "/api/show": {"a": {"model_info": [], "parameters": 7}}},
        {"/props": {"default_generation_settings": "x"}},
        {"/props": {"default_generation_settings": {"n_ctx": -1}}},
    ],
)
def test_where_nothing_is_said_it_is_a_guess(
    theirs: OnesOwn, provider: Provider, odd: dict[str, Any]
) -> None:
    theirs.lists({"id": "a"}, {"id": "b", "meta": {"n_ctx_train": 50_000}})
    theirs.says |= odd
    found = windows(provider)
    assert [is_guess for _, is_guess in found.values()] == [True, True]
    is_ollama = isinstance(odd.get("/api/ps"), dict)
    assert found["a"][0] == (OLLAMA_WINDOW if is_ollama else fetch.CONTEXT_WINDOW)


def test_an_administrator_sees_that_it_is_a_guess_until_they_say_otherwise(
    root: User, theirs: OnesOwn, provider: Provider
) -> None:
    theirs.lists({"id": "a"}, {"id": "known", "max_model_len": 30_000})
    client = client_of(root)
    told = did(client, "fetch_models", provider)
    assert told[1] == "How much 1 model of “own” can take is a guess: its server does not say."
    page = client.get(MODELS).content.decode()
    assert "8,192 (a guess)" in page and "30,000 (a guess)" not in page
    row = LanguageModel.objects.get(slug="a")
    assert "the server takes may be cut" in client.get(f"{MODELS}{row.pk}/change/").content.decode()
