"""Who calls, and how they like it."""

from django.http import HttpRequest, HttpResponse
from ninja import Body, Router

from conversations import access
from conversations.api.answers import said
from conversations.api.shapes import Person
from conversations.api.signed_in import caller
from conversations.chat import preferences
from conversations.chat.preferences import Wishes
from conversations.chat.questions import Closed
from conversations.db import in_transaction
from conversations.reading.person import person_object

router = Router(tags=["me"])


class Change(Closed):
    """Of what is in `preferences`, what is absent stays as it is."""

    preferences: Wishes


@router.get("/me", response=Person, summary="You, and what you have chosen")
def read(request: HttpRequest) -> HttpResponse:
    user = caller(request)
    return said(person_object(user, in_transaction(access.preferences_for, user)))


@router.patch("/me", response=Person, summary="Choose")
def change(request: HttpRequest, body: Body[Change]) -> HttpResponse:
    """Name and e-mail are changed on the pages of the account."""
    user = caller(request)
    kept = in_transaction(preferences.change, user, body.preferences)
    return said(person_object(user, kept))
