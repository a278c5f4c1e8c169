"""Models of a provider that the catalogue does not have yet: written down, not enabled."""

from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from conversations.errors import Invalid, Refusal
from conversations.models import LanguageModel, Provider
from conversations.models.catalogue import Ability, ProviderKind
from conversations.provider import catalogue
from conversations.provider.interface import Endpoint, Model

# Of a server that does not say: what any model of these years has at least.
CONTEXT_WINDOW = 8_192
MAX_OUTPUT_TOKENS = 2_048
NOT_CONNECTED = _("Nothing is connected here: there is no key and no address.")


@dataclass(frozen=True, slots=True)
class Found:
    """A model that a provider has. None and empty: it does not say."""

    id: str
    name: str = ""
    context_window: int | None = None
    max_output_tokens: int | None = None
    sees: bool | None = None


class Unreachable(Exception):
    """`problem` is for people; `detail` is what was really said, for administrators, without the key."""

    def __init__(self, problem: Refusal, detail: str) -> None:
        super().__init__(str(problem))
        self.problem, self.detail = problem, detail


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


def fetch(provider: Provider) -> list[LanguageModel]:
    """The new ones. Their id is the provider's where that is free, else with its name before it.
    Raises Invalid or Unreachable."""
    from conversations.provider.openai_api.offer import models_at

    found, _seconds = models_at(_endpoint(provider))
    known = set(provider.models.values_list("slug", flat=True))
    known |= set(provider.models.values_list("sent_as", flat=True))
    taken = set(LanguageModel.objects.values_list("slug", flat=True))
    offered = _on_offer(provider)
    new: list[LanguageModel] = []
    for one in found:
        if not one.id or one.id in known or len(one.id) > 100:
            continue
        known.add(one.id)  # some servers say one twice
        slug = f"{provider.name}/{one.id}"[:100] if one.id in taken else one.id
        if slug in taken:
            continue
        taken.add(slug)
        as_now = offered.get(one.id)
        window = one.context_window or (as_now.context_window if as_now else CONTEXT_WINDOW)
        new.append(
            LanguageModel(
                slug=slug,
                sent_as="" if slug == one.id else one.id,
                provider=provider,
                name=one.name or one.id,
                context_window=window,
                max_output_tokens=min(one.max_output_tokens or MAX_OUTPUT_TOKENS, window),
                abilities=_abilities(one, as_now),
                is_enabled=as_now is not None,
            )
        )
    with transaction.atomic():  # all at once is one piece of news
        for row in new:
            row.save()
    return new


def _on_offer(provider: Provider) -> dict[str, Model]:
    """What its server is trusted to have already, without a row: that is not withdrawn by getting one."""
    models = (entry.model for entry in catalogue.known().entries.values())
    return {model.id: model for model in models if model.provider == provider.name}


def _abilities(found: Found, as_now: Model | None) -> list[str]:
    if as_now:
        return [ability for ability in Ability.values if ability in as_now.capabilities]
    return [Ability.VISION] if found.sees else []


def _endpoint(provider: Provider) -> Endpoint:
    endpoint = catalogue.endpoint_of(provider)
    if endpoint is None or (provider.kind == ProviderKind.BUILTIN and not endpoint.base_url):
        raise Invalid(NOT_CONNECTED)
    return endpoint
