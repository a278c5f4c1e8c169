"""The tables of providers and models in the admin, and what is said there."""

from http import HTTPStatus
from typing import Any

from conversations.models import LanguageModel, Provider
from tests.features.admin_kit import TABLES

PROVIDERS, MODELS = f"{TABLES}provider/", f"{TABLES}languagemodel/"
SECRET = "sk-very-secret-4711"


def errors_of(response: Any) -> dict[str, list[str]]:
    assert response.status_code == HTTPStatus.OK, "it was not refused"
    errors: dict[str, list[str]] = response.context["adminform"].form.errors
    return errors


def did(client: Any, action: str, *rows: Provider | LanguageModel) -> list[str]:
    table = PROVIDERS if isinstance(rows[0], Provider) else MODELS
    chosen = {"action": action, "_selected_action": [row.pk for row in rows]}
    page = client.post(table, chosen, follow=True)
    return [str(message) for message in page.context["messages"]]
