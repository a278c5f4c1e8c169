"""Links to conversations of the caller's own."""

from typing import Annotated

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Body, Query, Router
from pydantic import BaseModel, Field

from conversations import access, models
from conversations.api.answers import listed, said
from conversations.api.own_shapes import Share
from conversations.api.shapes import Page
from conversations.api.signed_in import caller
from conversations.audit import address_of
from conversations.chat import sharing
from conversations.db import in_transaction
from conversations.models import User
from conversations.reading import shared
from conversations.reading.moments import when
from conversations.reading.objects import Object

router = Router(tags=["shares"])


class Listing(BaseModel):
    conversation: Annotated[str | None, Field(description="Only the link of this one.")] = None


@router.get("/shares", response=Page[Share], summary="Your links")
def shares(request: HttpRequest, wanted: Query[Listing]) -> HttpResponse:
    """Newest first, all of them: a conversation has one link at most."""
    return listed(in_transaction(_listed, caller(request), wanted.conversation))


def _listed(user: User, conversation: str | None) -> list[Object]:
    rows = access.shares_for(user).select_related("conversation").order_by("-created_at")
    if conversation is not None:
        rows = rows.filter(conversation=access.conversation_for(user, conversation))
    return [share_object(row) for row in rows]


@router.post("/shares", response={201: Share}, summary="Share a conversation")
def make(request: HttpRequest, body: Body[sharing.Link]) -> HttpResponse:
    """A link to what stands now, for whoever has it; later messages are not shown."""
    user = caller(request)
    return said(in_transaction(_made, user, body, address_of(request)), 201)


def _made(user: User, body: sharing.Link, address: str | None) -> Object:
    share = sharing.make(user, body, address=address)
    return share_object(access.share_for(user, share.pk))


@router.get("/shares/{share}", response=Share, summary="One link")
def read(request: HttpRequest, share: str) -> HttpResponse:
    return said(share_object(in_transaction(access.share_for, caller(request), share)))


@router.patch("/shares/{share}", response=Share, summary="Change a link")
def change(request: HttpRequest, share: str, body: Body[sharing.Changes]) -> HttpResponse:
    """What is absent stays. `update` makes it show what stands now; `ends` counts from now."""
    user = caller(request)
    return said(in_transaction(_changed, user, share, body, address_of(request)))


def _changed(user: User, id: str, body: sharing.Changes, address: str | None) -> Object:
    share = sharing.change(user, id, body, address=address)
    return share_object(access.share_for(user, share.pk))


@router.delete("/shares/{share}", response={204: None}, summary="Withdraw a link")
def withdraw(request: HttpRequest, share: str) -> HttpResponse:
    """From now on it leads nowhere, for everybody."""
    in_transaction(_withdraw, caller(request), share, address_of(request))
    return HttpResponse(status=204)


def _withdraw(user: User, id: str, address: str | None) -> None:
    sharing.withdraw(user, access.share_for(user, id, lock=True), address=address)


def share_object(share: models.Share) -> Object:
    return {
        "id": str(share.pk),
        "conversation": str(share.conversation_id),
        "url": sharing.address_of(share),
        "title": share.title,
        "images": share.with_images,
        "name": share.with_name,
        "created_at": when(share.created_at),
        "stood_at": when(share.stood_at),
        "expires_at": when(share.expires_at),
        "ended": share.expires_at is not None and share.expires_at <= timezone.now(),
        "current": shared.is_current(share),
    }
