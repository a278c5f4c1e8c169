"""OPENAI_BASE_URL names a server: what it says that it has is on offer, and nothing that only OpenAI has."""

import asyncio
from typing import Any

import pytest
from django.contrib.auth.models import Group

from conversations.accounts import setup
from conversations.admin.on_offer import state_of_model
from conversations.errors import ModelUnavailable, ProviderUnavailable
from conversations.models import Blob, Image, LanguageModel, Provider, User
from conversations.provider import catalogue, endpoints, fetch, stock, update
from conversations.provider.fetch import Found, Unreachable
from conversations.provider.openai_api import offer
from conversations.runs import offers, reckoning
from tests.features.catalogue_kit import entered, offered
from tests.features.limits_kit import until
from tests.features.runs_kit import committed
from tests.harness.people import People, Person
from tests.stub_provider import wire

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("catalogue_anew")]
OLLAMA = "http://ollama.example:11434/v1"
OPENAI_S = ("gpt-4o", "gpt-4.1-mini")


class Ollama:
    """The server: what it `has`, None while it cannot be reached; how often it was `asked`."""

    def __init__(self) -> None:
        self.has: list[Found] | None = [Found("llama3.2:3b"), Found("qwen3:8b", sees=True)]
        self.asked: list[str] = []

    def models_at(self, endpoint: Any) -> tuple[list[Found], float]:
        self.asked.append(endpoint.base_url)
        if self.has is None:
            raise Unreachable(ProviderUnavailable.reason, "refused")
        return self.has, 0.1


@pytest.fixture
def ollama(monkeypatch: pytest.MonkeyPatch, settings: Any) -> Ollama:
    settings.OPENAI_BASE_URL, settings.OPENAI_API_KEY = OLLAMA, ""
    server = Ollama()
    monkeypatch.setattr(offer, "models_at", server.models_at)
    monkeypatch.setattr(stock, "_known", None)
    monkeypatch.setattr(stock, "LOOK_SECONDS", 0.0)
    return server


@pytest.fixture
def ada() -> User:
    return User.objects.create(username="ada")


@pytest.fixture
def ada_there(people: People) -> Person:
    return people.new("ada")


def looked(person: User) -> list[str]:
    """What is on offer once the server was asked."""
    home = endpoints.elsewhere()
    if home:
        stock.look(home)
    catalogue.forget()
    return offered(person)


def test_what_the_server_has_is_on_offer_and_what_only_openai_has_is_not(
    ollama: Ollama, ada: User
) -> None:
    assert looked(ada) == ["llama3.2:3b", "qwen3:8b"]
    model = catalogue.default_model(ada)
    assert (model.id, model.provider, model.prices) == ("llama3.2:3b", "openai", None)
    assert model.endpoint and model.endpoint.base_url == OLLAMA
    assert catalogue.model_for_small_things(model) == model
    with pytest.raises(ModelUnavailable, match=r"llama3\.2:3b"):
        catalogue.model_for(ada, "gpt-4o")


def test_the_desk_says_of_what_its_server_does_not_have_that_it_is_not_there(
    ollama: Ollama, ada: User
) -> None:
    """It said “ready”, and nobody could choose it."""
    told = state_of_model(LanguageModel.objects.get(slug="gpt-4o"))
    assert told.words == "ready", "nobody has asked its server yet"
    looked(ada)
    told = state_of_model(LanguageModel.objects.get(slug="gpt-4o"))
    assert told.words == "its server does not have it"


def test_a_server_that_passes_openai_s_models_on_has_them_with_their_prices(
    ollama: Ollama, ada: User
) -> None:
    ollama.has = [Found("gpt-4o"), Found("claude")]
    assert looked(ada) == ["gpt-4o", "claude"]
    big = catalogue.model_for(ada, "gpt-4o")
    assert big.prices and catalogue.model_for_small_things(big) == big, "it has no small one"


def test_small_things_are_done_by_the_small_model_where_the_server_has_it(
    ollama: Ollama, ada: User
) -> None:
    ollama.has = [Found("gpt-4o"), Found("gpt-4o-mini")]
    looked(ada)
    small = catalogue.model_for_small_things(catalogue.model_for(ada, "gpt-4o"))
    assert small and small.id == "gpt-4o-mini"


def test_what_it_says_of_its_models_counts(ollama: Ollama, ada: User) -> None:
    ollama.has = [Found("a", name="A", context_window=32_000, max_output_tokens=900, sees=False)]
    looked(ada)
    model = catalogue.model_for(ada, "a")
    assert (model.name, model.context_window, model.max_output_tokens) == ("A", 32_000, 900)
    assert not model.vision and model.counts


def test_what_pictures_take_there_is_reckoned_as_elsewhere_and_has_no_price(
    ollama: Ollama, ada: User
) -> None:
    looked(ada)
    images = [Image(blob=Blob(width=600, height=600))]
    told = reckoning.reckoned(ada, "qwen3:8b", images)
    assert told["low"] == {"tokens": 85, "cost": None}
    assert told["high"] == {"tokens": 765, "cost": None}


def test_another_provider_s_models_of_that_name_take_nothing_away(
    ollama: Ollama, ada: User
) -> None:
    looked(ada)
    other = Provider.objects.create(name="other", kind="compatible", base_url=OLLAMA)
    assert [row.slug for row in fetch.fetch(other)] == ["other/llama3.2:3b", "other/qwen3:8b"]
    assert looked(ada) == ["llama3.2:3b", "qwen3:8b"]


def test_nobody_is_offered_what_cannot_be_talked_with(ollama: Ollama, ada: User) -> None:
    silent = ("nomic-embed-text", "text-embedding-3-small", "whisper-1", "tts-1", "bge-reranker")
    ollama.has = [Found(id) for id in (*silent, "llama")]
    assert looked(ada) == ["llama"]


@pytest.mark.parametrize("has", [None, [Found("openai/*")]], ids=["away", "passes on anything"])
def test_where_it_does_not_say_all_that_is_entered_is_on_offer(
    ollama: Ollama, ada: User, has: list[Found] | None
) -> None:
    ollama.has = has
    assert set(OPENAI_S) <= set(looked(ada))


def test_what_it_said_stands_while_it_is_away(ollama: Ollama, ada: User) -> None:
    looked(ada)
    ollama.has = None
    assert looked(ada) == ["llama3.2:3b", "qwen3:8b"]
    ollama.has = []
    assert looked(ada) == [], "now it says that it has none"
    ollama.has = [Found("pulled")]
    assert looked(ada) == ["pulled"]


def test_what_an_administrator_decides_stands(ollama: Ollama, ada: User) -> None:
    row = Provider.objects.get(name="openai")
    entered("not-listed", row, position=1)
    entered("hidden", row, sent_as="qwen3:8b", is_enabled=False)
    entered("llama3.2:3b", row).groups.add(Group.objects.create(name="Teachers"))
    assert looked(ada) == ["not-listed"]


def test_the_model_that_the_environment_names_comes_first(
    ollama: Ollama, ada: User, settings: Any
) -> None:
    settings.DEFAULT_MODEL = "qwen3:8b"
    looked(ada)
    model = catalogue.default_model(ada)
    assert model.id == "qwen3:8b" and len(offered(ada)) == 2
    settings.DEFAULT_MODEL = "not-pulled-yet"
    assert "not-pulled-yet" in looked(ada)


def test_to_write_them_down_withdraws_none(ollama: Ollama, ada: User) -> None:
    before = looked(ada)
    fetch.fetch(Provider.objects.get(name="openai"))
    row = LanguageModel.objects.get(slug="qwen3:8b")
    assert row.is_enabled and "vision" in row.abilities and looked(ada) == before


@pytest.mark.parametrize("address", ["", "https://eu.api.openai.com/v1"])
def test_openai_itself_is_not_asked(ollama: Ollama, ada: User, settings: Any, address: str) -> None:
    settings.OPENAI_API_KEY, settings.OPENAI_BASE_URL = "sk-test", address
    assert set(OPENAI_S) <= set(looked(ada)) and not ollama.asked


def test_it_is_asked_once_in_a_while(
    ollama: Ollama, ada: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stock, "LOOK_SECONDS", 300.0)
    ollama.has = None
    looked(ada), looked(ada)
    assert len(ollama.asked) == 2, "until it answers"
    ollama.has = [Found("a")]
    looked(ada), looked(ada)
    assert len(ollama.asked) == 3


def test_who_starts_a_site_is_told_of_the_server_not_of_a_model_that_it_may_not_have(
    ollama: Ollama, settings: Any
) -> None:
    assert f"The server at {OLLAMA} answers." in setup._banner("")
    settings.DEFAULT_MODEL = "qwen3:8b"
    catalogue.forget()
    assert f"qwen3:8b at {OLLAMA} answers." in setup._banner("")


def test_a_running_site_offers_what_its_provider_names(ada_there: Person) -> None:
    """The stub names a few of OpenAI's."""

    def of_openai() -> set[str]:
        told = {model["id"] for model in ada_there.api("GET", "models")["items"]}
        return told & update.came_along() - {"smollm2-135m-instruct"}

    until(lambda: of_openai() <= set(wire.MODELS))
    assert "gpt-4o" in of_openai()


def test_a_process_asks_it_by_itself(ollama: Ollama, ada: User) -> None:
    """And knows the catalogue anew."""
    asyncio.run(offers.look_at_its_stock())
    assert ollama.asked == [OLLAMA]
    assert [model.id for model in committed(offers.usual)] == ["llama3.2:3b"]
