"""Providers in the admin: entered, tested, their models fetched; and a key that never comes out again."""

from datetime import timedelta
from http import HTTPStatus
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.utils import timezone

from conversations.models import (
    Allowance,
    AuditEntry,
    Boot,
    Circuit,
    LanguageModel,
    Place,
    Provider,
    User,
)
from conversations.provider import keys
from conversations.provider.openai_api import offer
from conversations.runs import circuit
from tests.features.admin_catalogue_kit import MODELS, PROVIDERS, SECRET, did, errors_of
from tests.features.admin_kit import TABLES, client_of, reviewer
from tests.stub_provider import Stub

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("keys_are_kept")]


def provider_form(stub: Stub | None = None, **more: Any) -> dict[str, Any]:
    address = stub.base_url if stub else "https://models.example.org/v1"
    return {
        "name": "ours", "kind": "compatible", "base_url": address, "is_enabled": "on",
        "key_from": "stored", "key": SECRET, **more,
    }  # fmt: skip


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


def test_where_calls_go_is_on_record_before_and_after_and_that_the_key_is_another(
    root: User,
) -> None:
    client = client_of(root)
    client.post(f"{PROVIDERS}add/", provider_form())
    row = Provider.objects.get(name="ours")
    elsewhere = provider_form(key="sk-another-secret", base_url="https://elsewhere.example.org/v1")
    client.post(f"{PROVIDERS}{row.pk}/change/", elsewhere)
    entry = AuditEntry.objects.get(action="provider.change")
    addresses = [row.base_url, "https://elsewhere.example.org/v1"]
    assert entry.detail["changed"] == {"base_url": addresses}
    assert "Key" in entry.detail["fields"] and "sk-another" not in str(entry.detail)


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


def connected(stub: Stub, **more: Any) -> Provider:
    stored = keys.sealed(SECRET)
    fields = {"kind": "compatible", "base_url": stub.base_url, "key_from": "stored"}
    return Provider.objects.create(name="ours", key_stored=stored, **{**fields, **more})


def test_a_connection_is_tested(root: User, stub: Stub) -> None:
    provider = connected(stub)
    [told] = did(client_of(root), "test_connection", provider)
    assert AuditEntry.objects.filter(action="provider.test", object_id=str(provider.pk)).exists()
    assert told.startswith("“ours” answers: 5 models")
    assert stub.requests[-1].headers["authorization"] == f"Bearer {SECRET}"


@pytest.mark.parametrize("action", ["test_connection", "fetch_models"])
def test_nothing_is_held_while_a_provider_is_waited_for(
    root: User, stub: Stub, action: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An open transaction has one of few connections, and keeps what was deleted from being cleared away."""
    provider, open_then, asked = connected(stub), list[int](), offer.models_at
    before = len(connection.savepoint_ids)

    def noting(*told: Any) -> Any:
        open_then.append(len(connection.savepoint_ids))
        return asked(*told)

    monkeypatch.setattr(offer, "models_at", noting)
    assert len(did(client_of(root), action, provider)) >= 1
    assert open_then == [before]


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
    assert "LOST_API_KEY" in by_name["“lost”"] and "404" in by_name["“wrong”"]
    assert len(told) == 3 and not [line for line in told if SECRET in line]


def test_models_are_fetched_once_and_enabled_by_nobody_else(root: User, stub: Stub) -> None:
    provider, client = connected(stub), client_of(root)
    told, guess = did(client, "fetch_models", provider)
    assert told.startswith("5 models of “ours” are here now.")
    assert guess.startswith("How much 5 models of “ours” can take is a guess")
    rows = {row.sent_as or row.slug: row for row in provider.models.all()}
    assert rows["gpt-4o"].slug == "ours/gpt-4o" and not rows["gpt-4o"].is_enabled
    [told] = did(client, "fetch_models", provider)
    assert told == "“ours” has no model that is not here already."
    assert AuditEntry.objects.filter(action="languagemodel.fetch").count() == 5


def test_of_azure_deployments_are_fetched_with_what_their_model_can(root: User, stub: Stub) -> None:
    """Its list of models is of those that could be deployed there."""
    azure = {"kind": "azure", "base_url": f"http://127.0.0.1:{stub.port}"}
    provider, client = connected(stub, **azure, api_version="2024-10-21"), client_of(root)
    [told] = did(client, "test_connection", provider)
    assert told.startswith("“ours” answers, in ")
    told, guess = did(client, "fetch_models", provider)
    assert told.startswith("2 models of “ours” are here now.")
    assert guess.startswith("How much 1 model of “ours” can take is a guess")
    chat, new = provider.models.order_by("slug")
    known = LanguageModel.objects.get(slug="gpt-4o")
    assert (chat.slug, new.slug) == ("our-chat", "our-new") and not chat.is_enabled
    assert (chat.context_window, chat.abilities) == (known.context_window, known.abilities)
    assert new.context_window == 8_192 and new.abilities == []


@pytest.mark.parametrize("kind", ["azure", "compatible"])
def test_what_is_no_such_server_is_told_so(root: User, stub: Stub, kind: str) -> None:
    provider = connected(stub, kind=kind, base_url=f"http://127.0.0.1:{stub.port}/elsewhere")
    [told] = did(client_of(root), "fetch_models", provider)
    wanted = {"azure": "Add a model for each by hand", "compatible": "with /v1 at its end"}[kind]
    assert wanted in told and "HTTP 404" in told and "Try again" not in told


def test_its_page_says_how_it_stands_and_what_is_used(root: User) -> None:
    row = Provider.objects.create(
        name="ours", kind="compatible", base_url="http://x.example", requests_per_minute=60,
        tokens_per_minute=9_000,
    )  # fmt: skip
    now = timezone.now()
    spent = [[int(now.timestamp()) - 20, 2, 1_300]]
    Allowance.objects.create(provider="ours", spent=spent)
    here = Boot.objects.create(host="here", pid=1).pk
    Place.objects.create(provider="ours", boot=here, turn=1, tokens=9)
    Circuit.objects.create(
        provider=row,
        opened_at=now,
        left_until=now + timedelta(minutes=1),
        error="HTTP 500 <b>",
        error_at=now,
    )
    page = client_of(root).get(f"{PROVIDERS}{row.pk}/change/").content.decode()
    assert "2 of 60 requests in the last minute · 1,300 of 9,000 tokens in the last minute" in page
    assert "1 question waits" in page and "calls under way" not in page
    assert "left alone since" in page and f"{now:%Y-%m-%d %H:%M:%S}: HTTP 500 &lt;b&gt;" in page
    assert "HTTP 500" in client_of(root).get(PROVIDERS).content.decode()
    circuit.close("ours")
    page = client_of(root).get(f"{PROVIDERS}{row.pk}/change/").content.decode()
    assert f"{now:%Y-%m-%d %H:%M:%S}, over since: HTTP 500" in page
    assert "HTTP 500" not in client_of(root).get(PROVIDERS).content.decode()
    free = Provider.objects.get(name="openai")
    page = client_of(root).get(f"{PROVIDERS}{free.pk}/change/").content.decode()
    assert "There is no limit, and nothing is counted." in page
    assert "How it stands" not in client_of(root).get(f"{PROVIDERS}add/").content.decode()


def test_a_provider_that_only_chooses_is_ready(root: User) -> None:
    Provider.objects.create(name="rules", kind="auto")
    page = client_of(root).get(f"{PROVIDERS}?q=rules").content.decode()
    assert 'desk-good">ready<' in page


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


@pytest.mark.parametrize("chosen", ["x", "1\0", "-", "\u00b2"])
def test_an_action_for_what_is_no_row_is_a_bad_request(root: User, chosen: str) -> None:
    form = {"action": "test_connection", "_selected_action": chosen}
    assert client_of(root).post(PROVIDERS, form).status_code == HTTPStatus.BAD_REQUEST
    runs = f"{TABLES}conversation/"
    form = {"action": "delete_selected", "_selected_action": chosen}
    assert client_of(root).post(runs, form).status_code == HTTPStatus.BAD_REQUEST


def test_a_reviewer_has_no_business_there() -> None:
    client = client_of(reviewer())
    for table in (PROVIDERS, MODELS):
        assert client.get(table).status_code == HTTPStatus.FORBIDDEN
        assert client.post(table, {"action": "test_connection"}).status_code == HTTPStatus.FORBIDDEN
