"""Which models the caller may use."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Router

from conversations.api.answers import listed
from conversations.api.shapes import Model, Page
from conversations.api.signed_in import caller
from conversations.provider import interface
from conversations.provider.catalogue import models_for

router = Router(tags=["models"])


@router.get("/models", response=Page[Model], summary="The models you may use")
def models(request: HttpRequest) -> HttpResponse:
    return listed([_model_object(model) for model in models_for(caller(request))])


def _model_object(model: interface.Model) -> dict[str, Any]:
    return {
        "id": model.id,
        "name": model.name,
        "context_window": model.context_window,
        "max_output_tokens": model.max_output_tokens,
        "capabilities": sorted(model.capabilities),
        "prices": _prices_object(model.prices),
    }


def _prices_object(prices: interface.Prices | None) -> dict[str, str] | None:
    if prices is None:
        return None
    names = ("input", "cached_input", "output")
    return {name: f"{getattr(prices, name):f}" for name in names}
