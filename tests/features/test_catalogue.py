"""The catalogue as rows: who may use what, from which day on it costs what, and whose key it is."""

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.contrib.auth.models import Group
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from pydantic import ValidationError
from pytest_django import DjangoAssertNumQueries

from conversations.errors import Invalid, ModelUnavailable
from conversations.models import LanguageModel, Price, Provider, User
from conversations.provider import catalogue, choose, keys, update
from conversations.provider.interface import Model
from conversations.provider.model_object import model_object
from conversations.provider.openai_api.client import sdk_client
from tests.features.catalogue_kit import entered, offered, server

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("openai_connected")]


@pytest.fixture
def ada() -> User:
    return User.objects.create(username="ada")


def test_it_comes_with_openai_s_models_and_their_prices(ada: User) -> None:
    told = {model.id: model_object(model) for model in catalogue.models_for(ada)}
    assert {"gpt-4o", "gpt-4o-mini"} <= told.keys() and "smollm2-135m-instruct" not in told
    assert told["gpt-4o"]["prices"] == {"input": "2.50", "cached_input": "1.25", "output": "10.00"}
    assert told["gpt-4o"]["capabilities"] == ["json_schema", "tools", "vision"]
    assert all(price.source for price in Price.objects.all())
    assert catalogue.default_model(ada).id == "gpt-4.1-mini"


def test_without_a_key_the_built_in_model_answers(ada: User, settings: Any) -> None:
    settings.OPENAI_API_KEY = ""
    assert offered(ada) == ["smollm2-135m-instruct"]
    server()
    entered("llama", Provider.objects.get(name="ours"), position=1)
    assert offered(ada) == ["llama", "smollm2-135m-instruct"]


def test_what_is_asked_of_a_built_in_model_that_is_not_there_goes_to_nobody(
    ada: User, settings: Any
) -> None:
    settings.OPENAI_API_KEY = ""
    model = catalogue.default_model(ada)
    assert model.builtin and model.endpoint and not model.endpoint.base_url
    assert sdk_client(model.endpoint).base_url.host == "127.0.0.1"


def test_a_question_costs_no_query_for_the_catalogue(
    ada: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    catalogue.default_model()
    with django_assert_num_queries(0):
        catalogue.model_for(ada, "gpt-4o")
        catalogue.default_model(ada)


def test_what_became_of_a_provider_is_known_without_a_query(
    ada: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    row = server()
    entered("llama", row)
    before = catalogue.model_for(ada, "llama").endpoint
    assert before
    row.requests_per_minute = 7
    row.save()
    catalogue.forget()
    with django_assert_num_queries(0):
        assert catalogue.as_it_is_by_now(before) is before
    now = catalogue.read()
    catalogue.rows._keep(now, next(catalogue.rows._numbers))
    with django_assert_num_queries(0):
        assert catalogue.as_it_is_by_now(before).requests_per_minute == 7


def test_a_model_keeps_its_name_when_it_is_withdrawn() -> None:
    row = entered("llama")
    assert catalogue.name_of("llama") == "Llama"
    row.is_enabled = False
    row.save()
    assert catalogue.model_named("llama") is None
    assert catalogue.name_of("llama") == "Llama"
    assert catalogue.name_of("never-heard-of") == "never-heard-of"


def test_a_change_is_seen_at_once_where_it_was_made(ada: User) -> None:
    before = offered(ada)
    entered("llama", server())
    assert offered(ada) == [*before, "llama"]
    LanguageModel.objects.get(slug="llama").delete()
    assert offered(ada) == before


def test_a_model_for_a_group_is_for_nobody_else(ada: User) -> None:
    teachers = Group.objects.create(name="Teachers")
    entered("llama", server()).groups.add(teachers)
    with pytest.raises(ModelUnavailable, match=r"GPT-4\.1 mini"):
        catalogue.model_for(ada, "llama")
    assert "llama" not in offered(ada)
    teachers.user_set.add(ada)
    assert catalogue.model_for(ada, "llama").name == "Llama"


def test_a_default_for_a_group_is_not_the_default_of_others(ada: User) -> None:
    LanguageModel.objects.filter(is_default=True).update(is_default=False)
    row = entered("llama", server(), is_default=True, position=0)
    assert catalogue.default_model(ada).id == "llama"
    row.groups.add(Group.objects.create(name="Teachers"))
    assert catalogue.default_model(ada).id == "gpt-4.1-mini"


def test_a_withdrawn_model_names_the_way_out(ada: User) -> None:
    row = LanguageModel.objects.get(slug="gpt-4o")
    row.is_enabled = False
    row.save()
    with pytest.raises(ModelUnavailable, match=r"“gpt-4o” is not available.*GPT-4\.1 mini"):
        catalogue.model_for(ada, "gpt-4o")


def test_with_nothing_on_offer_that_is_said(ada: User) -> None:
    LanguageModel.objects.all().delete()
    with pytest.raises(ModelUnavailable, match="Ask your administrator"):
        catalogue.model_for(ada, "gpt-4o")


def test_there_is_one_default() -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        entered("llama", server(), is_default=True)


def test_a_price_holds_from_its_day_on() -> None:
    row = LanguageModel.objects.get(slug="gpt-4o")
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    new = Price.objects.create(model=row, since=tomorrow.date(), input=1, cached_input=1, output=2)
    model = catalogue.known().entries["gpt-4o"].model
    assert model.prices and model.prices.input == Decimal("2.5")
    later = model.prices_at(tomorrow)
    assert later and later.input == 1 and later.version == new.pk
    assert model.prices_at(datetime(2020, 1, 1, tzinfo=UTC)) is None


def _key(provider: Provider) -> str:
    return keys.key_of(provider)


def test_a_key_stands_in_a_variable_of_its_kind(settings: Any) -> None:
    settings.API_KEYS = {"OUR_API_KEY": "sk-ours "}
    assert _key(server("a", key_from="environment", key_name="OUR_API_KEY")) == "sk-ours"
    for name, told in [("OTHER_API_KEY", "not set"), ("DJANGO_SECRET_KEY", "_API_KEY")]:
        with pytest.raises(Invalid, match=told):
            _key(server(name.lower(), key_from="environment", key_name=name))


def test_a_key_stands_in_a_file_of_a_folder_that_is_for_keys(settings: Any, tmp_path: Path) -> None:
    folder = tmp_path / "keys"
    folder.mkdir()
    (folder / "ours").write_text("sk-ours\n")
    (tmp_path / "other").write_text("something else")
    settings.KEY_FOLDERS = [folder]
    assert _key(server("a", key_from="file", key_name=str(folder / "ours"))) == "sk-ours"
    outside = [tmp_path / "other", folder / ".." / "other", Path("/proc/self/environ")]
    for number, path in enumerate(outside):
        with pytest.raises(Invalid, match="Only files in"):
            _key(server(f"b{number}", key_from="file", key_name=str(path)))
    with pytest.raises(Invalid, match="cannot be read"):
        _key(server("c", key_from="file", key_name=str(folder / "none")))


def test_a_key_that_is_stored_cannot_be_read_from_the_row(settings: Any) -> None:
    old, new = Fernet.generate_key().decode(), Fernet.generate_key().decode()
    with pytest.raises(Invalid, match="CHATSITE_ENCRYPTION_KEYS"):
        keys.sealed("sk-ours")
    settings.ENCRYPTION_KEYS = [old]
    row = server(key_from="stored", key_stored=keys.sealed("sk-ours"))
    assert "sk-ours" not in row.key_stored and _key(row) == "sk-ours"
    settings.ENCRYPTION_KEYS = [new, old]
    row.key_stored = keys.sealed_again(row.key_stored)
    settings.ENCRYPTION_KEYS = [new]
    assert _key(row) == "sk-ours"
    settings.ENCRYPTION_KEYS = [old]
    with pytest.raises(Invalid, match="Enter it again"):
        _key(row)


def test_what_goes_into_a_header_is_one_line(settings: Any) -> None:
    settings.API_KEYS = {"OUR_API_KEY": "sk\nX-Admin: 1"}
    with pytest.raises(Invalid, match="no key"):
        _key(server(key_from="environment", key_name="OUR_API_KEY"))


def test_a_provider_without_its_key_takes_its_models_along(ada: User) -> None:
    entered("llama", server(key_from="environment", key_name="MISSING_API_KEY"))
    assert "llama" not in offered(ada) and "gpt-4o" in offered(ada)


def test_a_key_is_in_no_word_about_its_endpoint(ada: User, settings: Any) -> None:
    settings.API_KEYS = {"OUR_API_KEY": "sk-ours"}
    entered("llama", server(key_from="environment", key_name="OUR_API_KEY"))
    model: Model = catalogue.model_for(ada, "llama")
    assert model.endpoint and model.endpoint.key == "sk-ours"
    assert "sk-ours" not in repr(model) + str(model)


def test_a_provider_that_was_changed_gets_another_client(ada: User) -> None:
    row = server()
    entered("llama", row)
    first = choose.provider_of(catalogue.model_for(ada, "llama"))
    assert choose.provider_of(catalogue.model_for(ada, "llama")) is first
    row.first_token_seconds = 5
    row.save()
    assert choose.provider_of(catalogue.model_for(ada, "llama")) is not first


def test_small_things_are_done_by_whom_the_administrator_chose(ada: User, settings: Any) -> None:
    big = catalogue.model_for(ada, "gpt-4o")
    small = catalogue.model_for_small_things(big)
    assert small and small.id == "gpt-4o-mini"
    LanguageModel.objects.filter(slug=small.id).update(sent_as="a-snapshot-of-it")
    catalogue.forget()
    assert catalogue.model_for_small_things(catalogue.model_for(ada, "gpt-4o")).id == small.id  # type: ignore[union-attr]
    settings.OPENAI_BASE_URL = "http://127.0.0.1:9/v1"  # who has one of OpenAI's need not have all
    catalogue.forget()
    assert catalogue.model_for_small_things(catalogue.model_for(ada, "gpt-4o")).id == "gpt-4o"  # type: ignore[union-attr]
    nano = LanguageModel.objects.get(slug="gpt-4.1-nano")
    nano.is_enabled = True
    nano.save()
    LanguageModel.objects.filter(slug="gpt-4o").update(small=nano)
    catalogue.forget()
    assert catalogue.model_for_small_things(catalogue.model_for(ada, "gpt-4o")).id == nano.slug  # type: ignore[union-attr]


def test_parameters_have_the_names_that_their_server_knows(ada: User, settings: Any) -> None:
    entered("llama", server(), abilities=["reasoning"])
    entered("mistral", Provider.objects.get(name="ours"), limit_parameter="max_completion_tokens")
    named = {model.id: model.limit_parameter for model in catalogue.models_for(ada)}
    assert named["gpt-4o"] == named["mistral"] == "max_completion_tokens"
    assert named["llama"] == "max_tokens"
    roles = {model.id: model.instruction_role for model in catalogue.models_for(ada)}
    assert (roles["gpt-4o"], roles["gpt-5-mini"], roles["llama"]) == (
        "system",
        "developer",
        "system",
    )
    settings.OPENAI_BASE_URL = "http://127.0.0.1:9/v1"
    catalogue.forget()
    again = catalogue.model_for(ada, "gpt-4o")
    assert again.limit_parameter == "max_tokens"
    assert catalogue.model_for(ada, "gpt-5-mini").instruction_role == "system"


def test_a_model_that_only_the_environment_names_is_on_offer(ada: User, settings: Any) -> None:
    settings.DEFAULT_MODEL = "qwen3:8b"
    settings.OPENAI_BASE_URL = "http://127.0.0.1:9/v1"
    catalogue.forget()
    model = catalogue.default_model(ada)
    assert (model.id, model.sent_as, model.limit_parameter) == (
        "qwen3:8b",
        "qwen3:8b",
        "max_tokens",
    )


def brought(*models: dict[str, Any], **more: Any) -> str:
    told = {"version": "test", "models": [*models], **more}
    return str(update.bring(json.dumps(told)))


NEW = {
    "id": "gpt-9", "name": "GPT-9", "provider": "openai", "context_window": 9_000,
    "max_output_tokens": 900, "abilities": ["vision"], "small": "gpt-4o-mini",
    "prices": {"since": "2026-01-01", "input": "1", "cached_input": "0.1", "output": "2"},
}  # fmt: skip


def test_the_list_that_came_along_brings_nothing_new() -> None:
    assert str(update.bring(update.newest().read_bytes())) == "nothing new"


def test_a_list_brings_models_and_changes_no_decision(ada: User) -> None:
    assert brought(NEW) == "new: gpt-9"
    row = LanguageModel.objects.get(slug="gpt-9")
    assert not row.is_enabled and row.small and row.small.slug == "gpt-4o-mini"
    row.name, row.is_enabled, row.position = "Ours", True, 1
    row.save()
    newer = {"since": "2026-02-01", "input": "3", "cached_input": "0.3", "output": "6"}
    again = {**NEW, "context_window": 10_000, "prices": newer, "name": "GPT-9!", "position": 50}
    assert brought(again) == "changed: gpt-9; with a new price: gpt-9"
    model = catalogue.models_for(ada)[0]
    assert (model.name, model.context_window) == ("Ours", 10_000)
    assert [prices.input for prices in model.price_list] == [3, 1]
    assert brought(again) == "nothing new"


def test_how_large_a_picture_a_model_sees_is_told_by_a_list_or_kept() -> None:
    assert brought({**NEW, "picture_side": 768}) == "new: gpt-9"
    assert brought(NEW) == "nothing new"
    assert brought({**NEW, "picture_side": 1024}) == "changed: gpt-9"
    assert LanguageModel.objects.get(slug="gpt-9").picture_side == 1024


@pytest.mark.parametrize(
    "wrong",
    [
        {**NEW, "context_window": -1},
        {**NEW, "picture_side": 700},
        {**NEW, "abilities": ["flies"]},
        {**NEW, "prices": {**NEW["prices"], "input": "-1"}},  # type: ignore[dict-item]
        {**NEW, "surprise": 1},
        {**NEW, "picture_tokens": {"patch": 1}},
    ],
)
def test_a_wrong_list_changes_nothing(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        brought({**NEW, "id": "gpt-8"}, wrong)
    assert not LanguageModel.objects.filter(slug="gpt-8").exists()


def test_a_list_for_a_provider_that_nobody_knows_is_refused_whole(tmp_path: Path) -> None:
    told = {"version": "test", "models": [NEW, {**NEW, "id": "x", "provider": "nobody"}]}
    (tmp_path / "list.json").write_text(json.dumps(told))
    with pytest.raises(CommandError, match="no provider 'nobody'"):
        call_command("update_models", str(tmp_path / "list.json"))
    assert not LanguageModel.objects.filter(slug="gpt-9").exists()
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("update_models", str(tmp_path / "none.json"))


def test_keys_are_sealed_anew_all_or_none(settings: Any) -> None:
    old, new = Fernet.generate_key().decode(), Fernet.generate_key().decode()
    settings.ENCRYPTION_KEYS = [old]
    row = server(key_from="stored", key_stored=keys.sealed("sk-ours"))
    settings.ENCRYPTION_KEYS = [new, old]
    call_command("rotate_keys")
    settings.ENCRYPTION_KEYS = [new]
    row.refresh_from_db()
    assert _key(row) == "sk-ours"
    server("broken", key_from="stored", key_stored="no token")
    with pytest.raises(CommandError, match=r"broken: .* No key was changed"):
        call_command("rotate_keys")
