"""A catalogue with rows of one's own in it."""

from typing import Any

from conversations.models import LanguageModel, Provider, User
from conversations.provider import catalogue


def server(name: str = "ours", **fields: Any) -> Provider:
    address = "https://models.example.org/v1"
    return Provider.objects.create(name=name, kind="compatible", base_url=address, **fields)


def entered(slug: str, provider: Provider | None = None, **fields: Any) -> LanguageModel:
    """A model; where nobody says whose, of `ours`."""
    provider = provider or Provider.objects.filter(name="ours").first() or server()
    sizes = {"context_window": 8_000, "max_output_tokens": 1_000}
    return LanguageModel.objects.create(
        slug=slug, name=slug.title(), provider=provider, **{**sizes, **fields}
    )


def offered(user: User) -> list[str]:
    return [model.id for model in catalogue.models_for(user)]
