"""A model as the API's object."""

from decimal import Decimal
from typing import Any

from conversations.provider.interface import Model, Prices

# PROTOCOL.md's words; what else a model can do is no business of a client.
CAPABILITIES = {"vision", "tools", "json_schema", "reasoning"}


def model_object(model: Model) -> dict[str, Any]:
    return {
        "id": model.id,
        "name": model.name,
        "context_window": model.context_window,
        "max_output_tokens": model.max_output_tokens,
        "capabilities": sorted(model.capabilities & CAPABILITIES),
        "prices": _prices_object(model.prices),
    }


def _prices_object(prices: Prices | None) -> dict[str, str] | None:
    if prices is None:
        return None
    names = ("input", "cached_input", "output")
    return {name: _decimal(getattr(prices, name)) for name in names}


def _decimal(price: Decimal) -> str:
    """0.15, 2.50, 0.075: two places, more where there is something in them."""
    whole, _, places = f"{price.normalize():f}".partition(".")
    return f"{whole}.{places.ljust(2, '0')}"
