"""A model as the API's object."""

from typing import Any

from conversations.provider.interface import Model, Prices


def model_object(model: Model) -> dict[str, Any]:
    return {
        "id": model.id,
        "name": model.name,
        "context_window": model.context_window,
        "max_output_tokens": model.max_output_tokens,
        "capabilities": sorted(model.capabilities),
        "prices": _prices_object(model.prices),
    }


def _prices_object(prices: Prices | None) -> dict[str, str] | None:
    if prices is None:
        return None
    names = ("input", "cached_input", "output")
    return {name: f"{getattr(prices, name):f}" for name in names}
