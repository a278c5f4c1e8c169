"""The models there are, as this process knows them: read from Postgres once, and again when they change.

A question costs no query for it. Whoever changes the catalogue rings (runs/offers.py), every process
reads it anew, and once in a while all of them look by themselves.
"""

import logging
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import count
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.models import Group
from django.db import connection, transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from conversations.errors import Invalid, ModelUnavailable
from conversations.models import LanguageModel, Price, User
from conversations.models import Provider as ProviderRow
from conversations.models.catalogue import KeyFrom, ProviderKind
from conversations.provider import stock as of_servers
from conversations.provider.auto import auto_model
from conversations.provider.customs import VENDORS, instruction_role, limit_parameter
from conversations.provider.interface import Endpoint, Model, Prices
from conversations.provider.keys import key_of
from conversations.provider.rules import Rules
from conversations.provider.unentered import models as unentered_models
from conversations.provider.update import came_along

log = logging.getLogger(__name__)

# The row that OPENAI_API_KEY and OPENAI_BASE_URL are about.
OPENAI = "openai"
NO_SUCH_MODEL = _("The model “{model}” is not available. Choose another one, for example {other}.")
NO_MODELS = _("No model is available to you at the moment. Ask your administrator.")
# It has others for regions, such as eu.api.openai.com.
OPENAI_HOST = "api.openai.com"


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

    @property
    def endpoints(self) -> set[Endpoint]:
        models = (entry.model for entry in self.entries.values())
        return {model.endpoint for model in models if model.endpoint}


_known: Catalogue | None = None
# Of reads and of changes, in their order: what an earlier read brings does not replace what a later one did.
_numbers = count(1)
_newest = 0
_lock = threading.Lock()
# Providers that cannot be asked, and why, as the log has it.
_left_out: dict[int, str] = {}


def known() -> Catalogue:
    return _known if _known and not _is_changing() else read()


def read() -> Catalogue:
    """Anew from Postgres. Whoever asks meanwhile gets what was known before."""
    number = next(_numbers)
    catalogue = Catalogue(dict(_entries()))
    if not _is_changing():  # what is not committed yet is nobody else's, and may never be
        _keep(catalogue, number)
    return catalogue


def changed() -> None:
    """In the transaction of a change. Others here get it with the commit, whoever made it at once."""
    transaction.on_commit(forget)


def forget() -> None:
    """Nor is it taken from a read that is under way."""
    _keep(None, next(_numbers))


def _keep(catalogue: Catalogue | None, number: int) -> None:
    global _known, _newest
    with _lock:
        if number > _newest:
            _known, _newest = catalogue, number


def _is_changing() -> bool:
    """Whether the transaction of this thread has changed it: then `forget` waits for the commit."""
    return any(waiting[1] is forget for waiting in connection.run_on_commit)


def models_for(user: User) -> list[Model]:
    """The models this user may choose from, in the order to show them."""
    return [entry.model for entry in _open_to(user, known()).values()]


def default_model(user: User | None = None) -> Model:
    """What a new conversation starts with. Raises ModelUnavailable when nothing is on offer."""
    model = usual_model(user)
    if model is None:
        raise ModelUnavailable(NO_MODELS)
    return model


def usual_model(user: User | None = None) -> Model | None:
    """What the environment says, else the catalogue, else the first that there is. None: nothing is on
    offer, which nobody is told before they ask: what was said before can be read all the same."""
    entries = known().entries if user is None else _open_to(user, known())
    usual = [id for id, entry in entries.items() if entry.is_default]
    wanted = (settings.DEFAULT_MODEL, *usual, *entries)
    return next((entries[id].model for id in wanted if id in entries), None)


def usual_id(user: User) -> str:
    """For a conversation that is made before anything is asked. Empty: its first question decides."""
    model = usual_model(user)
    return model.id if model else ""


def model_for(user: User, id: str) -> Model:
    """Raises ModelUnavailable with the way out when there is no such model for this user (any more)."""
    catalogue = known()
    entry = catalogue.entries.get(id)
    is_open = entry is not None and not entry.groups and entry.model.rules is None
    if entry is None or (not is_open and id not in _open_to(user, catalogue)):
        other = default_model(user).name
        raise ModelUnavailable(NO_SUCH_MODEL.format(model=id[:80], other=other))
    return entry.model


def model_named(id: str | None) -> Model | None:
    """For what nobody chose: the model that does small things for another, or takes over from it."""
    entry = known().entries.get(id) if id else None
    return entry.model if entry and entry.model.rules is None else None


def as_it_is_by_now(endpoint: Endpoint) -> Endpoint:
    """What has become of it, as far as this process knows: for the event loop, where nothing is read."""
    there = _known.endpoints if _known else set()
    return next((one for one in there if one.name == endpoint.name), endpoint)


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


def _open_to(user: User, catalogue: Catalogue) -> dict[str, Entry]:
    """What chooses between models is open to who may use one of them."""
    groups = _groups_of(user) if catalogue.limited else frozenset()
    opened = {
        id: entry
        for id, entry in catalogue.entries.items()
        if not entry.groups or entry.groups & groups or user.is_superuser
    }
    return {
        id: entry
        for id, entry in opened.items()
        if entry.model.rules is None or opened.keys() & set(_behind(entry.model.rules))
    }


def _groups_of(user: User) -> frozenset[int]:
    return frozenset(Group.objects.filter(user=user).values_list("pk", flat=True))


# From rows ---------------------------------------------------------------------------------------


def _entries() -> Iterable[tuple[str, Entry]]:
    endpoints = dict(_endpoints())
    prices = _price_lists()
    is_auto = Q(provider__kind=ProviderKind.AUTO, provider__is_enabled=True)
    there = LanguageModel.objects.filter(is_auto | Q(provider__in=endpoints), is_enabled=True)
    related = there.select_related("provider", "small", "fall_back").prefetch_related("groups")
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


def _endpoints() -> Iterable[tuple[int, Endpoint]]:
    """The providers that can be asked. One whose key is missing is left out, and its models with it."""
    for row in ProviderRow.objects.filter(is_enabled=True):
        try:
            endpoint = endpoint_of(row)
        except Invalid as problem:
            _leave_out(row, str(problem))
            continue
        _left_out.pop(row.pk, None)
        if endpoint is not None:
            yield row.pk, endpoint


def _leave_out(row: ProviderRow, why: str) -> None:
    """Said once, not with every look."""
    if _left_out.get(row.pk) != why:
        log.warning("provider %s is left out: %s", row.name, why)
    _left_out[row.pk] = why


def endpoint_of(row: ProviderRow) -> Endpoint | None:
    """None: nobody has connected it, or nothing is there to connect. Raises Invalid without its key."""
    key, base_url = "", row.base_url
    if row.kind == ProviderKind.AUTO:
        return None
    if row.kind == ProviderKind.BUILTIN:
        if settings.OPENAI_API_KEY or settings.OPENAI_BASE_URL:
            return None
        key, base_url = settings.BUILTIN_MODEL_KEY, settings.BUILTIN_MODEL_URL
    elif is_of_the_environment(row):
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
        failures_in_a_row=row.failures_in_a_row,
    )


def is_of_the_environment(row: ProviderRow) -> bool:
    """Its key may be missing, where OPENAI_BASE_URL wants none; without both it is just not connected."""
    is_named = row.key_from == KeyFrom.ENVIRONMENT and row.key_name == "OPENAI_API_KEY"
    return row.name == OPENAI and is_named


def _kind(row: ProviderRow, base_url: str) -> str:
    """OPENAI_BASE_URL makes of OpenAI some other server, which may know less; unless it is OpenAI's own."""
    if row.kind == ProviderKind.OPENAI and base_url and not _is_openai(base_url):
        return ProviderKind.COMPATIBLE
    return row.kind


def _is_openai(base_url: str) -> bool:
    try:
        host = urlsplit(base_url).hostname or ""
    except ValueError:
        return False
    return f".{host}".endswith(f".{OPENAI_HOST}")


def _is_elsewhere(row: ProviderRow, endpoint: Endpoint) -> bool:
    return row.kind != endpoint.kind


def elsewhere() -> Endpoint | None:
    """The first provider, where OPENAI_BASE_URL makes another server of it: whom to ask what it has."""
    row = ProviderRow.objects.filter(name=OPENAI, is_enabled=True).first()
    try:
        endpoint = endpoint_of(row) if row else None
    except Invalid:
        return None
    return endpoint if row and endpoint and _is_elsewhere(row, endpoint) else None


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
        small=row.small.slug if row.small and not _is_elsewhere(row.provider, endpoint) else None,
        fall_back=row.fall_back.slug if row.fall_back else None,
    )
