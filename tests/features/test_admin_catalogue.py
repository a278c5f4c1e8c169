"""Providers and models in the admin: entered, tested, fetched; and a key that never comes out again."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from http import HTTPStatus
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.contrib.auth.models import Permission

from conversations.models import AuditEntry, LanguageModel, Price, Provider, User
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
        ({"base_url": "https://models.example.org/v1/chat/completions"}, "base_url"),
        ({"base_url": "https://x.openai.azure.com/openai?api-version=2024-10-21"}, "base_url"),
        ({"base_url": "https://key@models.example.org/v1"}, "base_url"),
        ({"base_url": "http://models.example .org/v1"}, "base_url"),
        ({"kind": "builtin"}, "base_url"),
        ({"key": ""}, "key"),
        ({"key": "sk\u00e4"}, "key"),
        ({"key_from": "environment", "key_name": ""}, "key_name"),
        ({"key_from": "environment", "key_name": "DJANGO_SECRET_KEY"}, "key_name"),
        ({"key_from": "file", "key_name": "/etc/passwd"}, "key_name"),
        ({"proxy": "proxy.example.org:3128"}, "proxy"),
        ({"proxy": "socks5://127.0.0.1:1080"}, "proxy"),  # httpx cannot without socksio
        ({"answer_seconds": 0}, "answer_seconds"),
        ({"name": "two words"}, "name"),
    ],
)
def test_what_cannot_work_is_told_in_its_field(
    root: User, wrong: dict[str, Any], field: str
) -> None:
    response = client_of(root).post(f"{PROVIDERS}add/", provider_form(**wrong))
    errors = errors_of(response)
    assert list(errors) == [field] and len(errors[field]) == 1
    assert not Provider.objects.filter(name="ours").exists()


def test_without_a_secret_of_the_site_no_key_is_stored(root: User, settings: Any) -> None:
    settings.ENCRYPTION_KEYS = []
    errors = errors_of(client_of(root).post(f"{PROVIDERS}add/", provider_form()))
    assert "CHATSITE_ENCRYPTION_KEYS" in errors["key"][0]


def test_a_provider_whose_key_is_lost_can_be_switched_off(root: User) -> None:
    row = Provider.objects.create(
        name="lost", kind="compatible", base_url="http://x.example", key_from="environment",
        key_name="LOST_API_KEY",
    )  # fmt: skip
    fields: dict[str, Any] = {
        "name": "lost",
        "key": "",
        "key_from": "environment",
        "key_name": "LOST_API_KEY",
    }
    client, page = client_of(root), f"{PROVIDERS}{row.pk}/change/"
    assert list(errors_of(client.post(page, provider_form(**fields)))) == ["key_name"]
    off = {**provider_form(**fields)}
    del off["is_enabled"]
    assert client.post(page, off).status_code == HTTPStatus.FOUND
    row.refresh_from_db()
    assert not row.is_enabled


def test_the_first_provider_can_be_edited_before_it_has_a_key(root: User, settings: Any) -> None:
    settings.API_KEYS = {}
    row = Provider.objects.get(name="openai")
    fields = provider_form(
        name="openai", kind="openai", base_url="", key="", key_from="environment",
        key_name="OPENAI_API_KEY", answer_seconds=30,
    )  # fmt: skip
    response = client_of(root).post(f"{PROVIDERS}{row.pk}/change/", fields)
    assert response.status_code == HTTPStatus.FOUND


def test_the_price_that_is_shown_has_begun(root: User) -> None:
    row = LanguageModel.objects.get(slug="gpt-4o")
    Price.objects.create(model=row, since="2099-01-01", input=77, cached_input=7, output=777)
    shown = client_of(root).get(MODELS).content.decode()
    assert "2.5 / 10" in shown and "777" not in shown


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
    provider = connected(stub)
    [told] = did(client_of(root), "test_connection", provider)
    assert AuditEntry.objects.filter(action="provider.test", object_id=str(provider.pk)).exists()
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
        ({"options": '{"model": "gpt-4o"}'}, "options"),
        ({"max_output_tokens": 8001}, "max_output_tokens"),
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
    assert "1 model withdrawn." in did(client, "disable", row)
    assert not enabled.exists()
    assert "1 model enabled." in did(client, "enable", row)
    assert enabled.exists()
    assert AuditEntry.objects.filter(action="languagemodel.change").count() == 2


@pytest.fixture
def priced(settings: Any) -> LanguageModel:
    """A model that costs one amount since last year, and another from today on."""
    settings.OPENAI_API_KEY = "sk-test"
    row = LanguageModel.objects.get(slug="gpt-4o")
    row.prices.all().delete()
    for since, amount in [(date(2025, 1, 1), 1), (datetime.now(UTC).date(), 3)]:
        row.prices.create(since=since, input=amount, cached_input=0, output=amount)
    return row


def price_rows(row: LanguageModel, amount: str, **more: str) -> dict[str, Any]:
    """All the prices of a model, changed to `amount`."""
    rows = list(row.prices.order_by("-since"))
    form: dict[str, Any] = {"prices-TOTAL_FORMS": len(rows), "prices-INITIAL_FORMS": len(rows)}
    for number, price in enumerate(rows):
        fields = {"id": price.pk, "model": row.pk, "since": price.since, "input": amount}
        fields |= {"cached_input": "0", "output": amount, **more}
        form |= {f"prices-{number}-{name}": value for name, value in fields.items()}
    return form


def test_a_price_that_was_in_force_is_not_changed_and_today_s_is(
    root: User, priced: LanguageModel
) -> None:
    fields = model_form(priced.provider, slug="gpt-4o", **price_rows(priced, "9"))
    answer = client_of(root).post(f"{MODELS}{priced.pk}/change/", fields)
    assert answer.status_code == HTTPStatus.FOUND
    assert [price.input for price in priced.prices.order_by("since")] == [1, 9]
    deleting = model_form(priced.provider, slug="gpt-4o", **price_rows(priced, "9", DELETE="on"))
    client_of(root).post(f"{MODELS}{priced.pk}/change/", deleting)
    assert [price.input for price in priced.prices.all()] == [1]


def test_a_price_below_nothing_is_told_at_its_field(root: User, priced: LanguageModel) -> None:
    fields = model_form(priced.provider, slug="gpt-4o", **price_rows(priced, "-1"))
    answer = client_of(root).post(f"{MODELS}{priced.pk}/change/", fields)
    [prices] = answer.context["inline_admin_formsets"]
    assert set(prices.formset.errors[0]) == {"input", "output"}


def test_who_saves_last_does_not_undo_unseen_what_another_did(
    root: User, priced: LanguageModel
) -> None:
    client, page = client_of(root), f"{MODELS}{priced.pk}/change/"
    seen = client.get(page).context["adminform"].form["seen"].value()
    same = model_form(priced.provider, slug="gpt-4o", name="Mine", seen=seen)
    LanguageModel.objects.filter(pk=priced.pk).update(name="Theirs")
    errors = errors_of(client.post(page, same))
    assert "Somebody else" in errors["__all__"][0]
    again = client.get(page).context["adminform"].form["seen"].value()
    assert client.post(page, {**same, "seen": again}).status_code == HTTPStatus.FOUND
    priced.refresh_from_db()
    assert priced.name == "Mine"
    changed = AuditEntry.objects.get(action="languagemodel.change").detail["fields"]
    assert not [name for name in changed if "een" in name], "the mark is no change"


def test_what_a_change_means_for_people_is_told(root: User, priced: LanguageModel) -> None:
    usual = LanguageModel.objects.get(is_default=True)
    told = did(client_of(root), "disable", usual)
    assert told[0] == "1 model withdrawn." and told[1].startswith("New conversations begin with")
    everything = LanguageModel.objects.exclude(pk=usual.pk)
    told = did(client_of(root), "disable", *everything)
    assert told[-1].startswith("No model is on offer now")


def test_lists_say_what_is_ready_and_what_is_in_the_way(root: User, priced: LanguageModel) -> None:
    lost = Provider.objects.create(
        name="lost", kind="compatible", base_url="http://x.example", key_from="environment",
        key_name="LOST_API_KEY",
    )  # fmt: skip
    sizes = {"context_window": 8_000, "max_output_tokens": 500}
    LanguageModel.objects.create(slug="llama", name="Llama", provider=lost, **sizes)
    shown = client_of(root).get(MODELS).content.decode()
    assert "The environment variable LOST_API_KEY is not set." in shown and "ready" in shown
    assert "3 / 3" in shown, "today's price, not the first of some list"
    assert "LOST_API_KEY is not set" in client_of(root).get(PROVIDERS).content.decode()


def test_a_provider_that_only_chooses_is_ready(root: User) -> None:
    Provider.objects.create(name="rules", kind="auto")
    page = client_of(root).get(f"{PROVIDERS}?q=rules").content.decode()
    assert 'class="field-state">ready<' in page


def test_each_field_says_what_it_is_for(root: User) -> None:
    for table in (PROVIDERS, MODELS):
        form = client_of(root).get(f"{table}add/").context["adminform"].form
        silent = [field.name for field in form.visible_fields() if not field.help_text]
        assert silent == []


def test_where_calls_go_and_with_which_key_only_a_superuser_says(stub: Stub, settings: Any) -> None:
    """Whoever could change the address of a provider could have its key sent to themselves."""
    settings.API_KEYS = {"OTHER_API_KEY": "sk-other"}
    provider = connected(stub, proxy="http://user:word@127.0.0.1:9")
    olga = User.objects.create(username="olga", is_staff=True)
    olga.user_permissions.set(Permission.objects.filter(content_type__model="provider"))
    client, page = client_of(olga), f"{PROVIDERS}{provider.pk}/change/"
    assert client.get(f"{PROVIDERS}add/").status_code == HTTPStatus.FORBIDDEN
    assert ":word@" not in client.get(page).content.decode()
    elsewhere = provider_form(
        base_url="https://evil.example/v1", key="sk-evil", key_from="environment",
        key_name="OTHER_API_KEY", proxy="", kind="openai", name="openai2", answer_seconds=30,
    )  # fmt: skip
    before = {**Provider.objects.values().get(pk=provider.pk), "answer_seconds": 30}
    assert client.post(page, elsewhere).status_code == HTTPStatus.FOUND
    assert Provider.objects.values().get(pk=provider.pk) == before


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
