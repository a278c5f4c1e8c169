"""Models of a provider that the catalogue does not have yet: written down, not enabled."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from conversations.errors import Invalid, Words
from conversations.models import LanguageModel, Provider
from conversations.models.catalogue import Ability, ProviderKind
from conversations.provider import catalogue, endpoints
from conversations.provider.interface import Endpoint, Model

# Of a server that does not say: what any model of these years has at least.
CONTEXT_WINDOW = 8_192
MAX_OUTPUT_TOKENS = 2_048
# What a deployment of a model that stands here already can do as well. Not what it costs.
OF_THE_MODEL = (
    "context_window", "max_output_tokens", "abilities", "efforts", "tokenizer", "picture_tokens",
    "picture_side", "parameters", "limit_parameter", "instruction_role",
)  # fmt: skip
NOT_CONNECTED = _("Nothing is connected here: there is no key and no address.")


@dataclass(frozen=True, slots=True)
class Found:
    """A model that a provider has. None and empty: it does not say."""

    id: str
    name: str = ""
    context_window: int | None = None
    # Not what its server said: it may let the model read less, or more.
    is_guess: bool = False
    max_output_tokens: int | None = None
    sees: bool | None = None
    # Whose name the id does not say: a deployment of Azure has one of its owner's choice.
    model: str = ""


class Unreachable(Exception):
    """What is wrong, for whoever can mend it; `detail` is what was really said, without the key."""

    def __init__(self, problem: Words, detail: str) -> None:
        super().__init__(str(problem))
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Answered:
    """What a provider said: how many models it has, and how long that took it."""

    models: int
    seconds: float


def test(provider: Provider) -> Answered:
    """Raises Invalid (no key, not connected) or Unreachable."""
    from conversations.provider.openai_api.offer import models_at  # the SDK

    found, seconds = models_at(_endpoint(provider))
    return Answered(len(found), seconds)


def fetch(
    provider: Provider, entered: Callable[[LanguageModel], object] = lambda _row: None
) -> list[LanguageModel]:
    """The new ones, each told to `entered` in the transaction that keeps them. Their id is the provider's
    where that is free, else with its name before it. Raises Invalid or Unreachable."""
    from conversations.provider.openai_api.offer import deployments_at, models_at

    endpoint = _endpoint(provider)
    is_azure = provider.kind == ProviderKind.AZURE
    found = deployments_at(endpoint) if is_azure else models_at(endpoint)[0]
    offered = _on_offer(provider)
    strangers = _strangers(provider, found)
    new = [_row(provider, slug, one, offered.get(one.id)) for slug, one in strangers]
    with transaction.atomic():  # all at once is one piece of news
        for row in new:
            row.save()
            entered(row)
    return new


def _strangers(provider: Provider, found: list[Found]) -> Iterator[tuple[str, Found]]:
    """Those that are not here yet, each with an id that is free."""
    known = set(provider.models.values_list("slug", flat=True))
    known |= set(provider.models.values_list("sent_as", flat=True))
    taken = set(LanguageModel.objects.values_list("slug", flat=True)) | _of_others(provider)
    for one in found:
        if not one.id or one.id in known or len(one.id) > 100:
            continue
        known.add(one.id)  # some servers say one twice
        slug = f"{provider.name}/{one.id}"[:100] if one.id in taken else one.id
        if slug not in taken:
            taken.add(slug)
            yield slug, one


def _of_others(provider: Provider) -> set[str]:
    """Also without a row: a row of that name would withdraw it."""
    models = (entry.model for entry in catalogue.known().entries.values())
    return {model.id for model in models if model.provider != provider.name}


def _on_offer(provider: Provider) -> dict[str, Model]:
    """What its server is trusted to have already, without a row: that is not withdrawn by getting one."""
    models = (entry.model for entry in catalogue.known().entries.values())
    return {model.id: model for model in models if model.provider == provider.name}


def _row(provider: Provider, slug: str, one: Found, as_now: Model | None) -> LanguageModel:
    window = one.context_window or (as_now.context_window if as_now else CONTEXT_WINDOW)
    fields: dict[str, Any] = {
        "context_window": window,
        "max_output_tokens": min(one.max_output_tokens or MAX_OUTPUT_TOKENS, window),
        "abilities": _abilities(one, as_now),
        "is_window_guessed": one.is_guess or not one.context_window,
    }
    like = LanguageModel.objects.filter(slug=one.model).exclude(provider__kind=ProviderKind.AUTO)
    if known := like.values(*OF_THE_MODEL).first():
        fields |= {**known, "is_window_guessed": False}
    return LanguageModel(
        slug=slug,
        sent_as="" if slug == one.id else one.id,
        provider=provider,
        name=one.name or one.id,
        is_enabled=as_now is not None,
        **fields,
    )


def _abilities(found: Found, as_now: Model | None) -> list[str]:
    if as_now:
        return [ability for ability in Ability.values if ability in as_now.capabilities]
    return [Ability.VISION] if found.sees else []


def _endpoint(provider: Provider) -> Endpoint:
    endpoint = endpoints.endpoint_of(provider)
    if endpoint is None or (provider.kind == ProviderKind.BUILTIN and not endpoint.base_url):
        raise Invalid(NOT_CONNECTED)
    return endpoint
