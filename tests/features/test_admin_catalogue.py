"""Providers and models in the admin: entered, tested, fetched; and a key that never comes out again."""

from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

import pytest
from cryptography.fernet import Fernet

from conversations.models import AuditEntry, LanguageModel, Provider, User
from conversations.provider import catalogue, keys
from tests.features.admin_kit import TABLES, administrator, client_of, reviewer
from tests.stub_provider import Stub

pytestmark = pytest.mark.django_db
PROVIDERS, MODELS = f"{TABLES}provider/", f"{TABLES}languagemodel/"
SECRET = "sk-very-secret-4711"
INLINES = {"prices-TOTAL_FORMS": "0", "prices-INITIAL_FORMS": "0"}


@pytest.fixture(autouse=True)
def _fresh(settings: Any) -> Iterator[None]:
    settings.ENCRYPTION_KEYS = [Fernet.generate_key().decode()]
    catalogue.forget()
    yield
    catalogue.forget()


@pytest.fixture
def root() -> User:
    return administrator()


def provider_form(stub: Stub | None = None, **more: Any) -> dict[str, Any]:
    address = stub.base_url if stub else "https://models.example.org/v1"
    return {
        "name": "ours", "kind": "compatible", "base_url": address, "is_enabled": "on",
        "key_from": "stored", "key": SECRET, **more,
    }  # fmt: skip


def model_form(provider: Provider, **more: Any) -> dict[str, Any]:
    return {
        "slug": "llama", "name": "Llama", "provider": provider.pk, "context_window": 8000,
        "max_output_tokens": 500, "position": 5, "options": "{}", "is_enabled": "on",
        **INLINES, **more,
    }  # fmt: skip


def errors_of(response: Any) -> dict[str, list[str]]:
    assert response.status_code == HTTPStatus.OK, "it was not refused"
    errors: dict[str, list[str]] = response.context["adminform"].form.errors
    return errors


def test_a_key_goes_in_and_never_comes_out(root: User) -> None:
    client = client_of(root)
    assert client.post(f"{PROVIDERS}add/", provider_form()).status_code == HTTPStatus.FOUND
    row = Provider.objects.get(name="ours")
    assert keys.key_of(row) == SECRET and SECRET not in row.key_stored
    for page in (PROVIDERS, f"{PROVIDERS}{row.pk}/change/", f"{PROVIDERS}{row.pk}/history/"):
        shown = client.get(page).content.decode()
        assert SECRET not in shown and row.key_stored not in shown
    entry = AuditEntry.objects.get(action="provider.add")
    assert SECRET not in str(entry.detail)


def test_a_key_that_is_left_empty_stays(root: User) -> None:
    client = client_of(root)
    client.post(f"{PROVIDERS}add/", provider_form())
    row = Provider.objects.get(name="ours")
    changed = provider_form(key="", answer_seconds=30)
    assert client.post(f"{PROVIDERS}{row.pk}/change/", changed).status_code == HTTPStatus.FOUND
    row.refresh_from_db()
    assert keys.key_of(row) == SECRET and row.answer_seconds == 30


def test_a_key_goes_when_another_place_is_named(root: User, settings: Any) -> None:
    settings.API_KEYS = {"OUR_API_KEY": "sk-other"}
    client = client_of(root)
    client.post(f"{PROVIDERS}add/", provider_form())
    row = Provider.objects.get(name="ours")
    elsewhere = provider_form(key="", key_from="environment", key_name="OUR_API_KEY")
    client.post(f"{PROVIDERS}{row.pk}/change/", elsewhere)
    row.refresh_from_db()
    assert keys.key_of(row) == "sk-other" and not row.key_stored


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"base_url": ""}, "base_url"),
        ({"base_url": "ftp://models.example.org"}, "base_url"),
        ({"base_url": "http://[x"}, "base_url"),
        ({"kind": "builtin"}, "base_url"),
        ({"key": ""}, "key"),
        ({"key": "sk\u00e4"}, "key"),
        ({"key_from": "environment", "key_name": ""}, "key_name"),
        ({"key_from": "environment", "key_name": "DJANGO_SECRET_KEY"}, "key_name"),
        ({"key_from": "file", "key_name": "/etc/passwd"}, "key_name"),
        ({"proxy": "proxy.example.org:3128"}, "proxy"),
        ({"answer_seconds": 0}, "answer_seconds"),
        ({"name": "two words"}, "name"),
    ],
)
def test_what_cannot_work_is_told_in_its_field(
    root: User, wrong: dict[str, Any], field: str
) -> None:
    response = client_of(root).post(f"{PROVIDERS}add/", provider_form(**wrong))
    assert list(errors_of(response)) == [field]
    assert not Provider.objects.filter(name="ours").exists()


def test_without_a_secret_of_the_site_no_key_is_stored(root: User, settings: Any) -> None:
    settings.ENCRYPTION_KEYS = []
    errors = errors_of(client_of(root).post(f"{PROVIDERS}add/", provider_form()))
    assert "CHATSITE_ENCRYPTION_KEYS" in errors["key"][0]


def did(client: Any, action: str, *rows: Provider | LanguageModel) -> list[str]:
    table = PROVIDERS if isinstance(rows[0], Provider) else MODELS
    chosen = {"action": action, "_selected_action": [row.pk for row in rows]}
    page = client.post(table, chosen, follow=True)
    return [str(message) for message in page.context["messages"]]


def connected(stub: Stub, **more: Any) -> Provider:
    stored = keys.sealed(SECRET)
    fields = {"kind": "compatible", "base_url": stub.base_url, "key_from": "stored"}
    return Provider.objects.create(name="ours", key_stored=stored, **{**fields, **more})


def test_a_connection_is_tested(root: User, stub: Stub) -> None:
    [told] = did(client_of(root), "test_connection", connected(stub))
    assert told.startswith("ours answers: 5 models")
    assert stub.requests[-1].headers["authorization"] == f"Bearer {SECRET}"


def test_what_is_wrong_with_a_connection_is_told_without_the_key(root: User, stub: Stub) -> None:
    nowhere = connected(stub, base_url="http://127.0.0.1:9/v1")
    lost = Provider.objects.create(
        name="lost", kind="compatible", base_url="http://x.example", key_from="environment",
        key_name="LOST_API_KEY",
    )  # fmt: skip
    wrong = Provider.objects.create(
        name="wrong", kind="compatible", base_url=f"http://127.0.0.1:{stub.port}/elsewhere"
    )
    told = did(client_of(root), "test_connection", nowhere, lost, wrong)
    by_name = {line.partition(":")[0]: line for line in told}
    assert "LOST_API_KEY" in by_name["lost"] and "404" in by_name["wrong"]
    assert len(told) == 3 and not [line for line in told if SECRET in line]


def test_models_are_fetched_once_and_enabled_by_nobody_else(root: User, stub: Stub) -> None:
    provider, client = connected(stub), client_of(root)
    [told] = did(client, "fetch_models", provider)
    assert told.startswith("5 models of ours are here now.")
    rows = {row.sent_as or row.slug: row for row in provider.models.all()}
    assert rows["gpt-4o"].slug == "ours/gpt-4o" and not rows["gpt-4o"].is_enabled
    [told] = did(client, "fetch_models", provider)
    assert told == "ours has no model that is not here already."
    assert AuditEntry.objects.filter(action="languagemodel.fetch").count() == 5


def test_a_model_is_entered_with_its_price(root: User) -> None:
    provider = Provider.objects.get(name="openai")
    prices = {
        "prices-TOTAL_FORMS": "1", "prices-INITIAL_FORMS": "0", "prices-0-since": "2026-01-01",
        "prices-0-input": "1.5", "prices-0-cached_input": "0.15", "prices-0-output": "6",
    }  # fmt: skip
    fields = model_form(
        provider, abilities=["vision", "tools"], options='{"temperature": 0.2}',
        picture_tokens='{"base": 85, "tile": 170}', is_default="on", **prices,
    )  # fmt: skip
    response = client_of(root).post(f"{MODELS}add/", fields)
    assert response.status_code == HTTPStatus.FOUND
    row = LanguageModel.objects.get(slug="llama")
    assert row.is_default and row.parameters is None and row.options == {"temperature": 0.2}
    assert LanguageModel.objects.filter(is_default=True).count() == 1
    assert row.prices.get().output == 6


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"options": '{"temperature": 9}'}, "options"),
        ({"options": '{"user": "x"}'}, "options"),
        ({"options": "[1]"}, "options"),
        ({"picture_tokens": '{"base": 85}'}, "picture_tokens"),
        ({"picture_tokens": '{"base": 85, "tile": "x"}'}, "picture_tokens"),
        ({"context_window": 0}, "context_window"),
        ({"abilities": ["flies"]}, "abilities"),
        ({"slug": "gpt-4o"}, "slug"),
    ],
)
def test_a_model_that_cannot_be_asked_is_refused(
    root: User, wrong: dict[str, Any], field: str
) -> None:
    provider = Provider.objects.get(name="openai")
    response = client_of(root).post(f"{MODELS}add/", model_form(provider, **wrong))
    assert list(errors_of(response)) == [field]


def test_a_model_does_not_stand_in_for_itself(root: User) -> None:
    row = LanguageModel.objects.get(slug="gpt-4o")
    fields = model_form(row.provider, slug="gpt-4o", fall_back=row.pk)
    errors = errors_of(client_of(root).post(f"{MODELS}{row.pk}/change/", fields))
    assert list(errors) == ["fall_back"]


def test_models_are_enabled_and_withdrawn_and_that_is_on_record(root: User) -> None:
    row, client = LanguageModel.objects.get(slug="gpt-4o"), client_of(root)
    enabled = LanguageModel.objects.filter(slug="gpt-4o", is_enabled=True)
    did(client, "disable", row)
    assert not enabled.exists()
    did(client, "enable", row)
    assert enabled.exists()
    assert AuditEntry.objects.filter(action="languagemodel.change").count() == 2


def test_a_reviewer_has_no_business_there() -> None:
    client = client_of(reviewer())
    for table in (PROVIDERS, MODELS):
        assert client.get(table).status_code == HTTPStatus.FORBIDDEN
        assert client.post(table, {"action": "test_connection"}).status_code == HTTPStatus.FORBIDDEN


def chooser() -> Provider:
    return Provider.objects.create(name="chooser", kind="auto")


def test_rules_are_entered_and_sizes_follow_from_the_two(root: User) -> None:
    rules = '{"small": "gpt-4o-mini", "large": "gpt-4.1", "words": ["pro\\u0000ve"], "code": true}'
    form = model_form(chooser(), rules=rules, context_window="", max_output_tokens="")
    assert client_of(root).post(f"{MODELS}add/", form).status_code == HTTPStatus.FOUND
    row = LanguageModel.objects.get(slug="llama")
    assert row.rules == {
        "small": "gpt-4o-mini", "large": "gpt-4.1", "words": ["prove"], "code": True,
    }  # fmt: skip
    assert row.context_window == LanguageModel.objects.get(slug="gpt-4o-mini").context_window


@pytest.mark.parametrize(
    "rules",
    [
        "",
        "[1]",
        '{"small": "gpt-4o"}',
        '{"small": "gpt-4o", "large": "nobody"}',
        '{"small": "gpt-4o", "large": "no\\u0000body"}',
        '{"small": "gpt-4o", "large": "gpt-4o-mini", "words": "prove"}',
    ],
)
def test_rules_that_choose_nothing_are_refused(root: User, rules: str) -> None:
    response = client_of(root).post(f"{MODELS}add/", model_form(chooser(), rules=rules))
    assert list(errors_of(response)) == ["rules"]


def test_a_choice_helps_no_model_and_chooses_no_choice(root: User) -> None:
    client, provider = client_of(root), Provider.objects.get(name="openai")
    rules = '{"small": "gpt-4o-mini", "large": "gpt-4o"}'
    client.post(f"{MODELS}add/", model_form(chooser(), slug="auto", rules=rules))
    auto = LanguageModel.objects.get(slug="auto")
    errors = errors_of(client.post(f"{MODELS}add/", model_form(provider, fall_back=auto.pk)))
    assert list(errors) == ["fall_back"]
    nested = model_form(auto.provider, rules='{"small": "auto", "large": "gpt-4o"}')
    assert list(errors_of(client.post(f"{MODELS}add/", nested))) == ["rules"]
    ruled = model_form(provider, rules=rules)
    assert list(errors_of(client.post(f"{MODELS}add/", ruled))) == ["rules"]
    bare = model_form(provider, context_window="")
    assert list(errors_of(client.post(f"{MODELS}add/", bare))) == ["context_window"]
