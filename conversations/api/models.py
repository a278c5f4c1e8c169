"""Which models the caller may use."""

from django.http import HttpRequest, HttpResponse
from ninja import Router

from conversations.api.answers import listed
from conversations.api.shapes import Model, Page
from conversations.api.signed_in import caller
from conversations.provider.catalogue import models_for
from conversations.provider.model_object import model_object

router = Router(tags=["models"])


@router.get("/models", response=Page[Model], summary="The models you may use")
def models(request: HttpRequest) -> HttpResponse:
    return listed([model_object(model) for model in models_for(caller(request))])
