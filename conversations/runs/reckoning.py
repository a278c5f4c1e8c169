"""What pictures take before they are sent: tokens and money, for each way a model can look at them."""

from collections.abc import Sequence

from conversations.models import Blob, Image, User
from conversations.provider import auto, catalogue
from conversations.provider.interface import Model, Usage
from conversations.provider.rules import Asked
from conversations.provider.tokens.pictures import tokens_for
from conversations.reading.costs import shown
from conversations.reading.objects import Object
from conversations.usage.prices import cost_micros

DETAILS = ("low", "high", "auto")


def reckoned(user: User, wanted: str | None, images: Sequence[Image]) -> Object:
    """Each picture by itself, and all of them together. Raises ModelUnavailable."""
    model = _that_looks(user, wanted)
    blobs = [image.blob for image in images]
    items = [
        {"image": str(image.pk), **_ways(model, [blob])}
        for image, blob in zip(images, blobs, strict=True)
    ]
    return {"model": model.id, "items": items, **_ways(model, blobs)}


def _that_looks(user: User, wanted: str | None) -> Model:
    """The model itself; of a choice between two the one that a short question with pictures goes to."""
    model = catalogue.model_for(user, wanted) if wanted else catalogue.default_model(user)
    if model.rules is None:
        return model
    offered = {one.id: one for one in catalogue.models_for(user)}
    return auto.chosen(model.rules, Asked("", pictures=True), offered)


def _ways(model: Model, blobs: Sequence[Blob]) -> Object:
    return {detail: _takes(model, blobs, detail) for detail in DETAILS}


def _takes(model: Model, blobs: Sequence[Blob], detail: str) -> Object:
    """Nothing for a model that cannot see: it gets words instead."""
    seen = blobs if model.vision else ()
    tokens = sum(tokens_for(model, blob.width, blob.height, detail) for blob in seen)
    usage = Usage(tokens, cached_input=0, output=0, reasoning=0)
    return {"tokens": tokens, "cost": shown(cost_micros(model.prices, usage))}
