"""The models as the chat page offers them: what they can and cost, which one is chosen, which is gone."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from conversations.models import Conversation, User
from conversations.provider.catalogue import models_behind, models_for, name_of, usual_model
from conversations.provider.interface import Model
from conversations.provider.model_object import model_object


@dataclass(frozen=True, slots=True)
class Offer:
    """`gone` is the name of the conversation's model, when nobody can choose it any more. `chosen` is None
    where there is nothing to choose from: what was said can be read all the same."""

    models: list[dict[str, Any]]
    chosen: Model | None
    gone: str

    @property
    def groups(self) -> list[tuple[str, list[dict[str, Any]]]]:
        """By who answers for them, in the order of the first of each."""
        found: dict[str, list[dict[str, Any]]] = {}
        for model in self.models:
            found.setdefault(model["provider"], []).append(model)
        return list(found.items())


def offer(user: User, conversation: Conversation | None, liked: str) -> Offer:
    """The conversation's own model; a new one starts with that which was `liked` last, if it is there."""
    models = models_for(user)
    wanted = conversation.model if conversation else liked
    found = next((model for model in models if model.id == wanted), None)
    gone = name_of(wanted) if conversation and wanted and found is None else ""
    usual = usual_model(user)
    offered = [as_offered(model, models, is_usual=model == usual) for model in models]
    return Offer(offered, found or usual, gone)


def as_offered(model: Model, among: Sequence[Model] = (), *, is_usual: bool) -> dict[str, Any]:
    behind = [one for one in models_behind(model) if one in among] if model.rules else []
    said = hint(model, is_usual=is_usual, between=[one.name for one in behind])
    more = {
        "provider": model.provider,
        "vision": model.vision,
        "reasons": model.reasons,
        "builtin": model.builtin,
        "accepts": model.accepts,
        "efforts": model.efforts,
        "description": model.description,
        "hint": said,
        "about": "\n".join(line for line in (model.description, said) if line),
    }
    return {**model_object(model), **more}


def hint(model: Model, *, is_usual: bool = False, between: Sequence[str] = ()) -> str:
    """What tells models apart, on one line. `between`: the names of those it chooses from."""
    facts = [
        _("the usual one") if is_usual else "",
        _chooses(between),
        _("sees pictures") if model.vision else "",
        _("thinks first") if model.reasons else "",
        _("reads {tokens} tokens").format(tokens=_rounded(model.context_window)),
        _price(model),
    ]
    return " · ".join(fact for fact in facts if fact)


def _chooses(between: Sequence[str]) -> str:
    if len(between) < 2:
        return ""
    small, large = between
    return _("chooses between {small} and {large}").format(small=small, large=large)


def _price(model: Model) -> str:
    """For a million tokens that it reads and writes, which is how prices are told."""
    if model.prices is None:
        return ""
    if not model.prices.input and not model.prices.output:
        return _("free")
    prices = {"input": _plain(model.prices.input), "output": _plain(model.prices.output)}
    return _("${input} / ${output} a million").format(**prices)


def _plain(price: Decimal) -> str:
    """0.15, 2, 2.50: two places, unless there is nothing in them or more behind them."""
    cents = price.quantize(Decimal("0.01"))
    if cents != price:
        return number_format(price.normalize())
    return number_format(cents, decimal_pos=2 if cents % 1 else 0)


def _rounded(tokens: int) -> str:
    """8k, 128k, 1M: nobody compares them more closely."""
    return f"{tokens / 1_000_000:.0f}M" if tokens >= 1_000_000 else f"{tokens // 1000}k"
