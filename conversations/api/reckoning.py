"""What pictures take, before they are sent."""

from typing import Annotated

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router
from pydantic import BaseModel, Field

from conversations import access
from conversations.api.answers import said
from conversations.api.picture_shapes import Reckoned
from conversations.api.signed_in import caller
from conversations.chat.questions import IMAGES, Clean, Id
from conversations.db import in_transaction
from conversations.models import User
from conversations.reading.objects import Object
from conversations.runs.reckoning import reckoned

router = Router(tags=["images"])


class Wanted(BaseModel):
    model: Annotated[Clean, Field(max_length=100)] | None = None
    image: Annotated[list[Id], Field(min_length=1, max_length=IMAGES)]


@router.get("/images/tokens", response=Reckoned, summary="What pictures take before they are sent")
def tokens(request: HttpRequest, wanted: Query[Wanted]) -> HttpResponse:
    """For each `image` (one to ten ids), and for all together: what `low`, `high` and `auto` are in tokens
    and US dollars for `model`, the usual one if not given. `auto` is reckoned as `high`, which is never
    less. A model that cannot see takes none."""
    return said(in_transaction(_reckoned, caller(request), wanted))


def _reckoned(user: User, wanted: Wanted) -> Object:
    return reckoned(user, wanted.model, access.images_for(user, wanted.image))
