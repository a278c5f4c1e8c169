"""The models there are. Prices are OpenAI's list prices (https://platform.openai.com/docs/pricing) as price
guides quoted them in June 2026; the page itself could not be read from where this was written."""

import re
from decimal import Decimal
from functools import cache

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from conversations.errors import ModelUnavailable
from conversations.models import User
from conversations.provider.interface import Model, Prices

BUILTIN = "builtin"
OPENAI = "openai"
FIRST_CHOICE = "gpt-4o-mini"
NO_SUCH_MODEL = _("The model “{model}” is not available. Choose another one, for example {other}.")
SEES = frozenset({"vision", "tools", "json_schema"})
REASONS = SEES | {"reasoning"}
# How OpenAI names the models that reason, but for those that are for chatting alone.
REASONING = re.compile(r"(gpt-5|o\d)(?!.*chat)")


def _openai(id: str, window: int, output: int, *prices: str, can: frozenset[str] = SEES) -> Model:
    return Model(
        id=id,
        name=id,
        provider=OPENAI,
        context_window=window,
        max_output_tokens=output,
        capabilities=can,
        prices=Prices(*(Decimal(price) for price in prices)),
        limit_parameter=_limit_parameter(reasons="reasoning" in can),
    )


def _limit_parameter(*, reasons: bool) -> str:
    """Compatible servers may know the old name alone; a model that reasons never does."""
    return "max_tokens" if settings.OPENAI_BASE_URL and not reasons else "max_completion_tokens"


def _builtin() -> Model:
    return Model(
        id="smollm2-135m-instruct",
        name="SmolLM2 135M (built in)",
        provider=BUILTIN,
        context_window=8_192,
        max_output_tokens=1_024,
        capabilities=frozenset({"json_schema"}),
        prices=Prices(Decimal(0), Decimal(0), Decimal(0)),
        builtin=True,
    )


def _named_by_the_owner(id: str) -> Model:
    """A model we know little of: its server is trusted to refuse what it cannot do."""
    reasons = not settings.OPENAI_BASE_URL and bool(REASONING.match(id))
    return Model(
        id=id,
        name=id,
        provider=OPENAI,
        context_window=128_000,
        max_output_tokens=16_384,
        capabilities=REASONS if reasons else SEES,
        limit_parameter=_limit_parameter(reasons=reasons),
    )


@cache
def _all() -> dict[str, Model]:
    if not (settings.OPENAI_API_KEY or settings.OPENAI_BASE_URL):
        return {model.id: model for model in [_builtin()]}
    known = [
        _openai("gpt-4o-mini", 128_000, 16_384, "0.15", "0.075", "0.60"),
        _openai("gpt-4o", 128_000, 16_384, "2.50", "1.25", "10.00"),
        _openai("gpt-4.1-mini", 1_047_576, 32_768, "0.40", "0.10", "1.60"),
        _openai("gpt-4.1", 1_047_576, 32_768, "2.00", "0.50", "8.00"),
        _openai("gpt-5-mini", 400_000, 128_000, "0.25", "0.025", "2.00", can=REASONS),
    ]
    named = settings.DEFAULT_MODEL
    models = {model.id: model for model in known}
    if named and named not in models:
        models = {named: _named_by_the_owner(named), **models}
    return models


def models_for(user: User) -> list[Model]:
    """The models this user may choose from, in the order to show them."""
    return list(_all().values())


def default_model() -> Model:
    """What a new conversation starts with."""
    models = _all()
    return models.get(settings.DEFAULT_MODEL or FIRST_CHOICE) or next(iter(models.values()))


def model_for_small_things(model: Model) -> Model | None:
    """Who does what nobody sees, such as titles, for a conversation with `model`, at the same
    provider: what is cheap there, else the same. None: nobody there is any good at it."""
    if model.builtin:
        return None
    is_openai = model.provider == OPENAI and not settings.OPENAI_BASE_URL
    return _all()[FIRST_CHOICE] if is_openai else model


def model_for(user: User, id: str) -> Model:
    """Raises ModelUnavailable with the way out when there is no such model (any more)."""
    found = _all().get(id)
    if found is None:
        raise ModelUnavailable(NO_SUCH_MODEL.format(model=id[:80], other=default_model().name))
    return found
