"""Who calls, and how they like it."""

from django.http import HttpRequest, HttpResponse
from ninja import Body, Router

from conversations import access
from conversations.api.answers import said
from conversations.api.own_shapes import Person
from conversations.api.signed_in import caller
from conversations.attachments import room
from conversations.chat import preferences
from conversations.chat.preferences import Wishes
from conversations.chat.questions import Closed
from conversations.db import in_transaction
from conversations.models import User
from conversations.reading.objects import Object
from conversations.reading.person import person_object

router = Router(tags=["me"])


class Change(Closed):
    """Of what is in `preferences`, what is absent stays as it is."""

    preferences: Wishes


@router.get("/me", response=Person, summary="You, and what you have chosen")
def read(request: HttpRequest) -> HttpResponse:
    return said(in_transaction(_person, caller(request)))


@router.patch("/me", response=Person, summary="Choose")
def change(request: HttpRequest, body: Body[Change]) -> HttpResponse:
    """Name and e-mail are changed on the pages of the account."""
    user = caller(request)
    in_transaction(preferences.change, user, body.preferences)
    return said(in_transaction(_person, user))


def _person(user: User) -> Object:
    taken = room.room_of(user)
    storage = {"used": taken.used, "allowed": taken.allowed}
    return {**person_object(user, access.preferences_for(user)), "storage": storage}
