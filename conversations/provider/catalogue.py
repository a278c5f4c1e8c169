"""The models there are, as this process knows them: read from Postgres once, and again when they change.

A question costs no query for it. Whoever changes the catalogue rings (runs/offers.py), every process
reads it anew, and once in a while all of them look by themselves.
"""

import logging
import re
from collections.abc import Iterable
from dataclasses import dataclass

from django.conf import settings
from django.contrib.auth.models import Group
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from conversations.errors import Invalid, ModelUnavailable
from conversations.models import LanguageModel, Price, User
from conversations.models import Provider as ProviderRow
from conversations.models.catalogue import LimitParameter, ProviderKind
from conversations.provider.auto import auto_model
from conversations.provider.interface import Endpoint, Model, Prices
from conversations.provider.keys import key_of
from conversations.provider.rules import Rules

log = logging.getLogger(__name__)

# The row that OPENAI_API_KEY and OPENAI_BASE_URL are about.
OPENAI = "openai"
NO_SUCH_MODEL = _("The model “{model}” is not available. Choose another one, for example {other}.")
NO_MODELS = _("No model is available to you at the moment. Ask your administrator.")
SEES = frozenset({"vision", "tools", "json_schema", "stream_usage"})
REASONS = SEES | {"reasoning"}
# How OpenAI names the models that reason, but for those that are for chatting alone.
REASONING = re.compile(r"(gpt-5|o\d)(?!.*chat)")
# Of a model that stands in no row: nothing is left out or refused here that its server would take.
UNKNOWN_WINDOW = 1_048_576
VENDORS = (ProviderKind.OPENAI, ProviderKind.AZURE)


@dataclass(frozen=True, slots=True)
class Entry:
    """A model, and for whom. `groups` empty: for everybody."""

    model: Model
    groups: frozenset[int]
    is_default: bool


@dataclass(frozen=True, slots=True)
class Catalogue:
    """What stood in Postgres at one moment, in the order to show it."""

    entries: dict[str, Entry]

    @property
    def limited(self) -> bool:
        return any(entry.groups for entry in self.entries.values())


_known: Catalogue | None = None


def known() -> Catalogue:
    return _known or read()


def read() -> Catalogue:
    """Anew from Postgres. Whoever asks meanwhile gets what was known before."""
    global _known  # noqa: PLW0603 one catalogue a process
    _known = Catalogue(dict(_entries()))
    return _known


def forget() -> None:
    global _known  # noqa: PLW0603
    _known = None


def models_for(user: User) -> list[Model]:
    """The models this user may choose from, in the order to show them."""
    catalogue = known()
    groups = _groups_of(user) if catalogue.limited else frozenset()
    offered = [
        entry.model
        for entry in catalogue.entries.values()
        if not entry.groups or entry.groups & groups or user.is_superuser
    ]
    ids = {model.id for model in offered}
    return [model for model in offered if model.rules is None or ids & set(_behind(model.rules))]


def default_model(user: User | None = None) -> Model:
    """What a new conversation starts with: what the environment says, else the catalogue, else the first
    that there is. Raises ModelUnavailable when there is none."""
    entries = known().entries
    offered = [entry.model for entry in entries.values()] if user is None else models_for(user)
    if not offered:
        raise ModelUnavailable(NO_MODELS)
    for model in offered:
        if model.id == settings.DEFAULT_MODEL:
            return model
    usual = (model for model in offered if entries[model.id].is_default)
    return next(usual, offered[0])


def model_for(user: User, id: str) -> Model:
    """Raises ModelUnavailable with the way out when there is no such model for this user (any more)."""
    entry = known().entries.get(id)
    is_open = entry is not None and not entry.groups and entry.model.rules is None
    if entry is None or (not is_open and entry.model not in models_for(user)):
        other = default_model(user).name
        raise ModelUnavailable(NO_SUCH_MODEL.format(model=id[:80], other=other))
    return entry.model


def model_named(id: str | None) -> Model | None:
    """For what nobody chose: the model that does small things for another, or takes over from it."""
    entry = known().entries.get(id) if id else None
    return entry.model if entry and entry.model.rules is None else None


def models_behind(model: Model) -> list[Model]:
    """Itself, or the two between which it chooses: those of them that there are."""
    if model.rules is None:
        return [model]
    named = (model_named(id) for id in _behind(model.rules))
    return [one for one in named if one is not None]


def model_for_small_things(model: Model) -> Model | None:
    """Who does what nobody sees, such as titles, for a conversation with `model`: whom the
    administrator chose, else itself. None: it is no good at it, and nobody else was chosen."""
    chosen = model_named(model.small)
    return chosen or (None if model.builtin else model)


def _behind(rules: Rules) -> tuple[str, str]:
    return rules.small, rules.large


def _groups_of(user: User) -> frozenset[int]:
    return frozenset(Group.objects.filter(user=user).values_list("pk", flat=True))


# From rows ---------------------------------------------------------------------------------------


def _entries() -> Iterable[tuple[str, Entry]]:
    endpoints = dict(_endpoints())
    prices = _price_lists()
    is_auto = Q(provider__kind=ProviderKind.AUTO, provider__is_enabled=True)
    there = LanguageModel.objects.filter(is_auto | Q(provider__in=endpoints), is_enabled=True)
    related = there.select_related("provider", "small", "fall_back").prefetch_related("groups")
    by_owner = dict(_named_by_the_owner(endpoints.values()))
    models = {id: entry.model for id, entry in by_owner.items()}
    rows = list(related)
    for row in rows:
        if row.provider_id in endpoints:
            models[row.slug] = _model(row, endpoints[row.provider_id], prices.get(row.pk, ()))
    for row in rows:
        model = models.get(row.slug) or auto_model(row, models)
        if model is not None:
            groups = frozenset(group.pk for group in row.groups.all())
            yield row.slug, Entry(model, groups, row.is_default)
    yield from by_owner.items()


def _endpoints() -> Iterable[tuple[int, Endpoint]]:
    """The providers that can be asked. One whose key is missing is left out, and its models with it."""
    for row in ProviderRow.objects.filter(is_enabled=True):
        try:
            endpoint = endpoint_of(row)
        except Invalid as problem:
            log.warning("provider %s is left out: %s", row.name, problem)
            continue
        if endpoint is not None:
            yield row.pk, endpoint


def endpoint_of(row: ProviderRow) -> Endpoint | None:
    """None: nobody has connected it, or nothing is there to connect. Raises Invalid without its key."""
    key, base_url = "", row.base_url
    if row.kind == ProviderKind.AUTO:
        return None
    if row.kind == ProviderKind.BUILTIN:
        if settings.OPENAI_API_KEY or settings.OPENAI_BASE_URL:
            return None
        key, base_url = settings.BUILTIN_MODEL_KEY, settings.BUILTIN_MODEL_URL
    elif row.name == OPENAI and row.key_name == "OPENAI_API_KEY":
        base_url = base_url or settings.OPENAI_BASE_URL
        if not (settings.OPENAI_API_KEY or base_url):
            return None
        key = settings.OPENAI_API_KEY
    else:
        key = key_of(row)
    return Endpoint(
        name=row.name,
        kind=_kind(row, base_url),
        base_url=base_url,
        key=key,
        api_version=row.api_version,
        proxy=row.proxy,
        connect=row.connect_seconds or settings.CONNECT_SECONDS,
        first_token=row.first_token_seconds or settings.FIRST_TOKEN_SECONDS,
        between_tokens=row.between_tokens_seconds or settings.BETWEEN_TOKENS_SECONDS,
        answer=row.answer_seconds or settings.ANSWER_SECONDS,
        concurrent_calls=row.concurrent_calls,
        requests_per_minute=row.requests_per_minute,
        tokens_per_minute=row.tokens_per_minute,
    )


def _kind(row: ProviderRow, base_url: str) -> str:
    """OPENAI_BASE_URL makes of OpenAI some other server, which may know less."""
    is_elsewhere = row.kind == ProviderKind.OPENAI and base_url
    return ProviderKind.COMPATIBLE if is_elsewhere else row.kind


def _is_elsewhere(row: ProviderRow, endpoint: Endpoint) -> bool:
    return row.kind != endpoint.kind


def _price_lists() -> dict[int, tuple[Prices, ...]]:
    lists: dict[int, tuple[Prices, ...]] = {}
    for row in Price.objects.order_by("model", "-since"):
        prices = Prices(row.input, row.cached_input, row.output, row.since, row.pk)
        lists[row.model_id] = (*lists.get(row.model_id, ()), prices)
    return lists


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
        limit_parameter=row.limit_parameter or _limit_parameter(endpoint, reasons=reasons),
        builtin=endpoint.kind == ProviderKind.BUILTIN,
        endpoint=endpoint,
        sent_as=row.sent_as or row.slug,
        description=row.description,
        efforts=tuple(row.efforts),
        parameters=None if row.parameters is None else tuple(row.parameters),
        instruction_role=row.instruction_role or _instruction_role(endpoint, reasons=reasons),
        tokenizer=row.tokenizer,
        picture_tokens=row.picture_tokens,
        options=row.options,
        small=row.small.slug if row.small and not _is_elsewhere(row.provider, endpoint) else None,
        fall_back=row.fall_back.slug if row.fall_back else None,
    )


def _limit_parameter(endpoint: Endpoint, *, reasons: bool) -> str:
    """Compatible servers may know the old name alone; a model that reasons never does."""
    is_old = endpoint.kind not in VENDORS and not reasons
    return LimitParameter.OLD if is_old else LimitParameter.NEW


def _instruction_role(endpoint: Endpoint, *, reasons: bool) -> str:
    """Models that reason take instructions from a `developer`
    (https://platform.openai.com/docs/guides/text); other servers may not know that role."""
    return "developer" if reasons and endpoint.kind in VENDORS else "system"


def _named_by_the_owner(endpoints: Iterable[Endpoint]) -> Iterable[tuple[str, Entry]]:
    """CHATSITE_DEFAULT_MODEL, where it stands in no row: we know little of it, and its server is
    trusted to refuse what it cannot do."""
    id = settings.DEFAULT_MODEL
    home = next((one for one in endpoints if one.name == OPENAI), None)
    if not id or home is None or LanguageModel.objects.filter(slug=id).exists():
        return
    reasons = home.kind == ProviderKind.OPENAI and bool(REASONING.match(id))
    model = Model(
        id=id,
        name=id,
        provider=OPENAI,
        context_window=UNKNOWN_WINDOW,
        max_output_tokens=16_384,
        capabilities=REASONS if reasons else SEES,
        limit_parameter=_limit_parameter(home, reasons=reasons),
        endpoint=home,
        sent_as=id,
        instruction_role=_instruction_role(home, reasons=reasons),
    )
    yield id, Entry(model, frozenset(), is_default=False)
