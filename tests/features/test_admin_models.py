"""Models in the admin: what they can, what they cost, whom they are for, and how they choose."""

from datetime import UTC, date, datetime
from http import HTTPStatus
from typing import Any

import pytest
from django.utils import translation

from conversations.admin.prices import MOST_SENT
from conversations.doctor import site
from conversations.doctor.finding import State
from conversations.models import AuditEntry, LanguageModel, Price, Provider, User
from tests.features.admin_catalogue_kit import MODELS, PROVIDERS, did, errors_of
from tests.features.admin_kit import TABLES, client_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("catalogue_anew")]
INLINES = {"prices-TOTAL_FORMS": "0", "prices-INITIAL_FORMS": "0"}


def model_form(provider: Provider, **more: Any) -> dict[str, Any]:
    return {
        "slug": "llama", "name": "Llama", "provider": provider.pk, "context_window": 8000,
        "max_output_tokens": 500, "position": 5, "options": "{}", "is_enabled": "on",
        **INLINES, **more,
    }  # fmt: skip


def test_the_price_that_is_shown_has_begun(root: User) -> None:
    row = LanguageModel.objects.get(slug="gpt-4o")
    Price.objects.create(model=row, since="2099-01-01", input=77, cached_input=7, output=777)
    shown = client_of(root).get(MODELS).content.decode()
    assert "2.5 / 10" in shown and "777" not in shown


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


def test_what_a_model_can_is_told_in_ones_language_and_nothing_is_an_empty_field(
    root: User,
) -> None:
    client, form = client_of(root), f"{TABLES}languagemodel/add/"
    with translation.override("en"):  # what a request activates stays
        german = client.get(form, headers={"accept-language": "de"})
    page = german.content.decode()
    assert "ruft Werkzeuge auf" in page and ">Gruppen:</label>" in page
    assert "calls tools" not in page
    assert german.context["adminform"].form["picture_tokens"].value() == ""


def test_however_many_prices_a_request_claims_no_more_are_looked_at(root: User) -> None:
    fields = model_form(Provider.objects.get(name="openai"), **{"prices-TOTAL_FORMS": 10**9})
    page = client_of(root).post(f"{MODELS}add/", fields)
    [prices] = page.context["inline_admin_formsets"]
    assert len(prices.formset.forms) == MOST_SENT
    assert not LanguageModel.objects.filter(slug="llama").exists()


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"options": '{"temperature": 9}'}, "options"),
        ({"options": '{"user": "x"}'}, "options"),
        ({"options": "[1]"}, "options"),
        ({"options": "[" * 100_000}, "options"),
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


def test_a_helper_that_was_withdrawn_is_missed_aloud(
    root: User, priced: LanguageModel, openai_connected: None
) -> None:
    """Titles are then written by the dear model itself, which nobody would see before the bill."""
    usual = LanguageModel.objects.get(slug="gpt-4o")
    helper = usual.small
    assert helper
    told = f"{helper.slug}, chosen to help it, is not on offer"
    assert told not in client_of(root).get(MODELS).content.decode()
    assert not [found for found in site.models() if helper.slug in found.what]
    did(client_of(root), "disable", helper)
    assert f"ready; {told}" in client_of(root).get(MODELS).content.decode()
    [found] = [found for found in site.models() if found.what.startswith(helper.slug)]
    assert found.state == State.MIND and "gpt-4o" in found.what


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
