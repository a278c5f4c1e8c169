"""What may be asked about pictures by one click."""

from django.http import HttpRequest, HttpResponse
from ninja import Router

from conversations.api.answers import listed
from conversations.api.own_shapes import PictureQuestion
from conversations.api.shapes import Page
from conversations.db import in_transaction
from conversations.reading import picture_questions

router = Router(tags=["images"])


@router.get(
    "/picture-questions", response=Page[PictureQuestion], summary="Questions about pictures"
)
def usual(request: HttpRequest) -> HttpResponse:
    """In the order in which they are offered, all at once: there is no next page. To ask one, send its
    `text` with the pictures, and its `kind` as `asks`."""
    return listed(in_transaction(picture_questions.usual))
