"""The models there are, as this process knows them: read from Postgres once, and again when they change.

A question costs no query for it. Whoever changes the catalogue rings (runs/offers.py), every process
reads it anew, and once in a while all of them look by themselves.
"""

from dataclasses import dataclass

from django.conf import settings
from django.contrib.auth.models import Group
from django.utils.translation import gettext_lazy as _

from conversations import site
from conversations.by_heart import ByHeart
from conversations.errors import ModelUnavailable
from conversations.models import User
from conversations.provider.entries import Entry, entries_now, names_now
from conversations.provider.interface import Endpoint, Model
from conversations.provider.rules import Rules

NO_SUCH_MODEL = _("The model “{model}” is not available. Choose another one, for example {other}.")
NO_MODELS = _("No model is available to you at the moment. Ask your administrator.")


@dataclass(frozen=True, slots=True)
class Catalogue:
    """What stood in Postgres at one moment, in the order to show it."""

    entries: dict[str, Entry]
    names: dict[str, str]

    @property
    def limited(self) -> bool:
        return any(entry.groups for entry in self.entries.values())

    @property
    def endpoints(self) -> set[Endpoint]:
        models = (entry.model for entry in self.entries.values())
        return {model.endpoint for model in models if model.endpoint}


def _ask() -> Catalogue:
    entries = dict(entries_now())
    names = {id: entry.model.name for id, entry in entries.items()}
    return Catalogue(entries, names_now() | names)


rows = ByHeart(_ask)
known, read, changed, forget = rows.known, rows.read, rows.changed, rows.forget


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
    """What the settings of the site say, else the environment, else the catalogue, else the first that
    there is. None: nothing is on offer, which nobody is told before they ask: what was said before can
    be read all the same."""
    entries = known().entries if user is None else _open_to(user, known())
    usual = [id for id, entry in entries.items() if entry.is_default]
    wanted = (site.now().default_model, settings.DEFAULT_MODEL, *usual, *entries)
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


def name_of(id: str) -> str:
    """What people know it as; of one that nobody ever entered, its id."""
    return known().names.get(id) or id


def as_it_is_by_now(endpoint: Endpoint) -> Endpoint:
    """What has become of it, as far as this process knows: for the event loop, where nothing is read."""
    last = rows.as_last_known()
    there = last.endpoints if last else set()
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


def helpers_away(model: Model) -> list[str]:
    """Those that were chosen to help it, for small things or in its place, and are not on offer: it does
    without them, and nobody who asks is told."""
    return [id for id in (model.small, model.fall_back) if id and model_named(id) is None]


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
