"""From the rows of the admin, and from what a server says that it has, to the models that can be asked."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Q

from conversations.models import LanguageModel, Price
from conversations.models.catalogue import ProviderKind
from conversations.provider import stock as of_servers
from conversations.provider.auto import auto_model
from conversations.provider.customs import VENDORS, instruction_role, limit_parameter
from conversations.provider.endpoints import OPENAI, endpoints_now, is_elsewhere
from conversations.provider.interface import Endpoint, Model, Prices
from conversations.provider.unentered import models as unentered_models
from conversations.provider.update import came_along, suggested


@dataclass(frozen=True, slots=True)
class Entry:
    """A model, and for whom. `groups` empty: for everybody."""

    model: Model
    groups: frozenset[int]
    is_default: bool


def entries_now() -> Iterable[tuple[str, Entry]]:
    """In the order to show them, each by its name for programs."""
    endpoints = dict(endpoints_now())
    prices = _price_lists()
    is_auto = Q(provider__kind=ProviderKind.AUTO, provider__is_enabled=True)
    there = LanguageModel.objects.filter(is_auto | Q(provider__in=endpoints), is_enabled=True)
    related = there.select_related("provider", "small__provider", "fall_back")
    related = related.prefetch_related("groups")
    home = next((one for one in endpoints.values() if one.name == OPENAI), None)
    stock = _stock(home)
    unentered = list(unentered_models(home, stock or {}))
    models = {model.id: model for model in unentered}
    rows = [row for row in related if stock is None or _is_there(row, stock)]
    for row in rows:
        if row.provider_id in endpoints:
            models[row.slug] = _model(row, endpoints[row.provider_id], prices.get(row.pk, ()))
    for row in rows:
        model = models.get(row.slug) or auto_model(row, models)
        if model is not None:
            groups = frozenset(group.pk for group in row.groups.all())
            yield row.slug, Entry(model, groups, row.is_default)
    yield from ((model.id, Entry(model, frozenset(), is_default=False)) for model in unentered)


def names_now() -> dict[str, str]:
    """Of all that were ever entered: what a withdrawn one said stands there with its name."""
    return dict(LanguageModel.objects.values_list("slug", "name"))


def _stock(home: Endpoint | None) -> Mapping[str, Any] | None:
    """None: nobody knows, or it is OpenAI itself, whose models are entered."""
    return of_servers.of(home) if home and home.kind == ProviderKind.COMPATIBLE else None


def _is_there(row: LanguageModel, stock: Mapping[str, Any]) -> bool:
    """What came along with this site is OpenAI's; what an administrator entered is there."""
    is_ours = row.provider.name == OPENAI and row.slug in came_along()
    return not is_ours or (row.sent_as or row.slug) in stock


def _price_lists() -> dict[int, tuple[Prices, ...]]:
    lists: dict[int, tuple[Prices, ...]] = {}
    for row in Price.objects.order_by("model", "-since"):
        prices = Prices(row.input, row.cached_input, row.output, row.since, row.pk)
        lists[row.model_id] = (*lists.get(row.model_id, ()), prices)
    return lists


def _small(row: LanguageModel, endpoint: Endpoint) -> str | None:
    """Whom the administrator chose. What came along with this site is true of OpenAI, and elsewhere where the
    server says that it has both: who has one of OpenAI's need not have all."""
    if row.small is None:
        return None
    is_chosen = row.small.slug != suggested().get(row.slug)
    if is_chosen or not is_elsewhere(row.provider, endpoint):
        return row.small.slug
    stock = of_servers.of(endpoint)
    return row.small.slug if stock is not None and _is_there(row.small, stock) else None


def _model(row: LanguageModel, endpoint: Endpoint, prices: tuple[Prices, ...]) -> Model:
    reasons = "reasoning" in row.abilities
    return Model(
        id=row.slug,
        name=row.name,
        provider=endpoint.name,
        context_window=row.context_window,
        max_output_tokens=row.max_output_tokens,
        capabilities=frozenset(row.abilities),
        price_list=prices,
        limit_parameter=row.limit_parameter
        or limit_parameter(endpoint, reasons=reasons and row.provider.kind in VENDORS),
        builtin=endpoint.kind == ProviderKind.BUILTIN,
        endpoint=endpoint,
        sent_as=row.sent_as or row.slug,
        description=row.description,
        efforts=tuple(row.efforts),
        parameters=None if row.parameters is None else tuple(row.parameters),
        instruction_role=row.instruction_role or instruction_role(endpoint, reasons=reasons),
        tokenizer=row.tokenizer,
        picture_tokens=row.picture_tokens,
        picture_side=row.picture_side,
        options=row.options,
        small=_small(row, endpoint),
        fall_back=row.fall_back.slug if row.fall_back else None,
    )
