"""How a process knows the catalogue: never what was not kept, and never an older one than there was."""

import asyncio
import importlib
import logging
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.apps import apps
from django.contrib.auth.models import Group
from django.db import transaction

from conversations.accounts import setup
from conversations.chat import organise
from conversations.errors import Invalid, Unavailable
from conversations.models import LanguageModel, Price, Provider, User
from conversations.provider import catalogue, entries, fetch, keys, update
from conversations.provider.fetch import Found
from conversations.provider.openai_api import offer
from conversations.runs import news, offers
from tests.features.admin_kit import client_of
from tests.features.catalogue_kit import entered, offered

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("openai_connected")]
ELSEWHERE = "http://127.0.0.1:9/v1"


@pytest.fixture
def ada() -> User:
    return User.objects.create(username="ada")


def withdrawn_elsewhere(slug: str) -> None:
    """Another process has done it: nothing rings here."""
    LanguageModel.objects.filter(slug=slug).update(is_enabled=False)


def test_what_was_rolled_back_is_not_on_offer(ada: User) -> None:
    before = offered(ada)
    with suppress(ZeroDivisionError), transaction.atomic():
        entered("llama")
        assert "llama" in offered(ada)
        raise ZeroDivisionError
    assert offered(ada) == before


def during_a_read(monkeypatch: pytest.MonkeyPatch, meanwhile: Any) -> None:
    """A read that has begun, and then `meanwhile` before it ends."""
    real = entries.entries_now

    def slow() -> Iterable[tuple[str, entries.Entry]]:
        were = list(real())
        monkeypatch.setattr(catalogue, "entries_now", real)
        meanwhile()
        return were

    monkeypatch.setattr(catalogue, "entries_now", slow)
    assert "gpt-4o" in catalogue.read().entries


def test_a_slow_read_does_not_replace_a_newer_one(monkeypatch: pytest.MonkeyPatch) -> None:
    def meanwhile() -> None:
        withdrawn_elsewhere("gpt-4o")
        catalogue.read()

    during_a_read(monkeypatch, meanwhile)
    assert "gpt-4o" not in catalogue.known().entries


def test_what_changed_while_it_was_read_is_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    def meanwhile() -> None:
        withdrawn_elsewhere("gpt-4o")
        catalogue.forget()

    during_a_read(monkeypatch, meanwhile)
    assert "gpt-4o" not in catalogue.known().entries


def test_a_model_of_a_group_that_goes_is_for_nobody_not_for_everybody(ada: User) -> None:
    both, one, none = entered("both"), entered("one"), entered("none")
    teachers, staff = (Group.objects.create(name=name) for name in ("Teachers", "Staff"))
    both.groups.add(teachers, staff)
    one.groups.add(teachers)
    teachers.delete()
    assert "one" not in offered(ada) and "both" not in offered(ada) and "none" in offered(ada)
    one.refresh_from_db()
    assert not one.is_enabled
    Group.objects.all().delete()
    assert "both" not in offered(ada) and none.slug in offered(ada)


def test_groups_that_go_together_open_nothing(ada: User) -> None:
    row = entered("llama")
    row.groups.set([Group.objects.create(name=name) for name in ("Teachers", "Staff")])
    Group.objects.all().delete()
    assert "llama" not in offered(ada)


def test_a_stored_key_of_the_first_provider_is_the_one_that_is_sent(
    ada: User, settings: Any
) -> None:
    settings.ENCRYPTION_KEYS = [Fernet.generate_key().decode()]
    row = Provider.objects.get(name="openai")
    row.key_from, row.key_stored = "stored", keys.sealed("sk-stored")
    row.save()
    endpoint = catalogue.model_for(ada, "gpt-4o").endpoint
    assert endpoint and endpoint.key == "sk-stored"


@pytest.mark.parametrize(
    ("address", "limit", "role"),
    [
        ("https://api.openai.com/v1", "max_completion_tokens", "developer"),
        ("https://eu.api.openai.com/v1/", "max_completion_tokens", "developer"),
        ("https://api.openai.com.example.org/v1", "max_tokens", "system"),
        ("https://myapi.openai.com/v1", "max_tokens", "system"),
        (ELSEWHERE, "max_tokens", "system"),
    ],
)
def test_openai_is_itself_under_any_address_of_its_own(
    ada: User, settings: Any, address: str, limit: str, role: str
) -> None:
    settings.OPENAI_BASE_URL = address
    assert catalogue.model_for(ada, "gpt-4o").limit_parameter == limit
    assert catalogue.model_for(ada, "gpt-5-mini").instruction_role == role


def test_a_thinking_model_of_another_server_is_limited_by_the_name_that_all_servers_know(
    ada: User, settings: Any
) -> None:
    entered("qwen3", abilities=["reasoning"])
    settings.OPENAI_BASE_URL = ELSEWHERE
    assert catalogue.model_for(ada, "qwen3").limit_parameter == "max_tokens"
    assert catalogue.model_for(ada, "gpt-5-mini").limit_parameter == "max_completion_tokens"


def test_a_model_is_sent_only_what_it_knows(ada: User) -> None:
    LanguageModel.objects.filter(slug__in=["o3", "gpt-5.5"]).update(is_enabled=True)
    assert "verbosity" in catalogue.model_for(ada, "gpt-5.5").accepts
    assert catalogue.model_for(ada, "o3").accepts == ("reasoning_effort", "seed")


def test_with_nothing_on_offer_the_chat_opens_and_says_so(ada: User) -> None:
    LanguageModel.objects.all().delete()
    shown = client_of(ada).get("/")
    assert shown.status_code == 200
    assert "No model is available to you at the moment." in shown.content.decode()
    made = organise.create(ada, organise.Changes())
    assert made.model == ""
    assert client_of(ada).get(f"/c/{made.pk}/").status_code == 200
    assert "No model is on offer." in setup._banner("")


def test_with_something_on_offer_nothing_is_said(ada: User) -> None:
    assert "No model is available" not in client_of(ada).get("/").content.decode()


def test_a_provider_that_is_left_out_is_told_once(caplog: pytest.LogCaptureFixture) -> None:
    entered("llama")
    Provider.objects.filter(name="ours").update(key_from="environment", key_name="MISSING_API_KEY")
    with caplog.at_level(logging.WARNING):
        catalogue.read()
        catalogue.read()
    assert caplog.text.count("provider ours is left out") == 1


def test_a_folder_for_keys_may_be_a_link(settings: Any, tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "var").symlink_to(tmp_path / "run")
    (tmp_path / "run" / "key").write_text("sk-linked")
    (tmp_path / "run" / "circle").symlink_to(tmp_path / "run" / "circle")
    settings.KEY_FOLDERS = [tmp_path / "var"]
    found = Provider(key_from="file", key_name=str(tmp_path / "var" / "key"))
    assert keys.key_of(found) == "sk-linked"
    for lost in ("circle", "\0"):
        with pytest.raises(Invalid):
            keys.key_of(Provider(key_from="file", key_name=str(tmp_path / "var" / lost)))


def test_a_model_that_a_server_names_twice_is_fetched_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    found = [Found("llama"), Found("llama"), Found("")]
    monkeypatch.setattr(offer, "models_at", lambda endpoint: (found, 0.1))
    provider = Provider.objects.create(name="new", kind="compatible", base_url=ELSEWHERE)
    assert [row.slug for row in fetch.fetch(provider)] == ["llama"]


def test_a_list_leaves_a_model_of_the_same_name_elsewhere_alone() -> None:
    entered("gpt-9", context_window=4_000)
    told = (
        '{"version": "test", "models": [{"id": "gpt-9", "name": "GPT-9", "provider": "openai",'
        ' "context_window": 9000, "max_output_tokens": 900, "prices":'
        ' {"since": "2026-01-01", "input": "1", "cached_input": "1", "output": "2"}}]}'
    )
    assert str(update.bring(told)) == "nothing new"
    assert LanguageModel.objects.get(slug="gpt-9").context_window == 4_000
    assert not Price.objects.filter(model__slug="gpt-9").exists()


def test_its_first_rows_come_once_though_the_migration_is_taken_back() -> None:
    LanguageModel.objects.get(slug="gpt-4o").delete()
    migration = importlib.import_module("conversations.migrations.0021_first_models")
    migration.bring(apps, None)
    assert not LanguageModel.objects.filter(slug="gpt-4o").exists()


def test_who_has_missed_news_looks_at_the_catalogue_too(monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[bool] = []

    async def look() -> None:
        looked.append(True)

    monkeypatch.setattr(offers, "look", look)
    asyncio.run(news._missed({}))
    assert looked


def test_a_catalogue_that_cannot_be_read_is_looked_at_again(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    looked: list[bool] = []

    async def look() -> None:
        looked.append(True)
        if len(looked) == 1:
            raise Unavailable
        raise asyncio.CancelledError

    monkeypatch.setattr(offers, "look", look)
    monkeypatch.setattr(offers, "LOOK_SECONDS", 0)
    with suppress(asyncio.CancelledError):
        asyncio.run(offers.keep_looking(asks=False))
    assert len(looked) == 2 and "Traceback" not in caplog.text
