"""A person's conversations, and what was said in them."""

from contextlib import nullcontext
from typing import Annotated
from uuid import UUID

from asgiref.sync import async_to_sync
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from ninja import Body, Query, Router
from pydantic import BaseModel, Field

from conversations import access, models
from conversations.api.answers import listed, said
from conversations.api.searching import one_of_few
from conversations.api.shapes import Context, Conversation, Match, Message, Page
from conversations.api.signed_in import caller
from conversations.audit import address_of
from conversations.chat import everything, organise, summaries_undone
from conversations.chat.organise import Changes
from conversations.chat.questions import Clean
from conversations.db import in_transaction
from conversations.errors import Invalid, NotFound
from conversations.ids import parsed
from conversations.models import User
from conversations.reading import branch, inside, listing, summaries
from conversations.reading.descent import newest_leaf_below
from conversations.reading.objects import Object, conversation_object, message_object
from conversations.runs import meter
from conversations.runs.stop import stop_all_in, stop_all_of

router = Router(tags=["conversations"])

NO_PLACE = _("This place in the list is not known.")
NOTHING_CHANGED = Changes()


class Paged(BaseModel):
    cursor: str | None = None
    limit: Annotated[int, Field(ge=1, le=listing.MOST)] = listing.PAGE


class Listing(Paged):
    q: Annotated[Clean, Field(max_length=1000)] = ""
    archived: bool = False
    pinned: bool | None = None
    folder: str | None = None


class Branch(Paged):
    leaf: str | None = None
    through: str | None = None


class End(BaseModel):
    leaf: str | None = None


class Words(BaseModel):
    q: Annotated[Clean, Field(max_length=1000)] = ""
    leaf: str | None = None


@router.get("/conversations", response=Page[Conversation], summary="Your conversations")
def conversations(
    request: HttpRequest,
    wanted: Query[Listing],
) -> HttpResponse:
    """Newest first. `q` finds words in titles and messages."""
    user = caller(request)
    with one_of_few(user) if wanted.q else nullcontext():
        rows, more = in_transaction(listing.recent, user, **wanted.model_dump())
    return listed([conversation_object(row) for row in rows], more)


@router.post("/conversations", response={201: Conversation}, summary="Start a conversation")
def create(request: HttpRequest, body: Body[Changes] = NOTHING_CHANGED) -> HttpResponse:
    made = in_transaction(organise.create, caller(request), body)
    return said(conversation_object(made), 201)


@router.delete("/conversations", response={204: None}, summary="Delete everything")
def delete_everything(request: HttpRequest, confirm: str = "") -> HttpResponse:
    """All conversations, folders, links, pictures and files, at once and for good. `confirm` is the
    caller's own user name."""
    user = caller(request)
    everything.confirmed(user, confirm)
    async_to_sync(stop_all_of)(user)
    in_transaction(everything.delete, user, address=address_of(request))
    return HttpResponse(status=204)


@router.get("/conversations/{conversation}", response=Conversation, summary="One conversation")
def read(request: HttpRequest, conversation: str) -> HttpResponse:
    found = in_transaction(access.conversation_for, caller(request), conversation)
    return said(conversation_object(found))


@router.patch("/conversations/{conversation}", response=Conversation, summary="Change it")
def change(request: HttpRequest, conversation: str, body: Body[Changes]) -> HttpResponse:
    """What is absent stays as it is."""
    changed = in_transaction(organise.change, caller(request), conversation, body)
    return said(conversation_object(changed))


@router.delete("/conversations/{conversation}", response={204: None}, summary="Delete it")
def delete(request: HttpRequest, conversation: str) -> HttpResponse:
    """An answer that is being written is stopped first."""
    user = caller(request)
    found = in_transaction(access.conversation_for, user, conversation)
    async_to_sync(stop_all_in)(found)
    in_transaction(organise.delete, user, conversation)
    return HttpResponse(status=204)


@router.post(
    "/conversations/{conversation}/restore", response=Conversation, summary="Take a deletion back"
)
def restore(request: HttpRequest, conversation: str) -> HttpResponse:
    """Within five minutes of it."""
    restored = in_transaction(organise.restore, caller(request), conversation)
    return said(conversation_object(restored))


@router.get(
    "/conversations/{conversation}/messages", response=Page[Message], summary="What was said"
)
def messages(
    request: HttpRequest,
    conversation: str,
    wanted: Query[Branch],
) -> HttpResponse:
    """The last messages of the branch that ends in `leaf` (the active one if not given), or of the one
    that leads through the message `through`: the active one if it does, else the newest. Oldest first;
    `next` leads to earlier ones."""
    items, more = in_transaction(_branch, caller(request), conversation, wanted)
    return listed(items, more)


@router.delete(
    "/conversations/{conversation}/summaries/{summary}",
    response={204: None},
    summary="Let the messages be read again",
)
def undo_summary(request: HttpRequest, conversation: str, summary: str) -> HttpResponse:
    """From now on models read the messages in place of this summary, as long as there is room for them."""
    in_transaction(summaries_undone.undo, caller(request), conversation, summary)
    return HttpResponse(status=204)


def _branch(user: User, id: str, wanted: Branch) -> tuple[list[Object], str | None]:
    conversation = access.conversation_for(user, id)
    rows, above = branch.page(conversation, _last(conversation, wanted), wanted.limit)
    summaries.give(rows)
    return [message_object(row) for row in rows], above


def _last(conversation: models.Conversation, wanted: Branch) -> UUID | None:
    """The message to go up from: a cursor is its id. None is the active one."""
    if wanted.cursor is not None:
        return _place(conversation, wanted.cursor)
    named = wanted.leaf or wanted.through
    if named is None:
        return None
    found = _among(conversation, named)
    if found is None:
        raise NotFound(access.NO_MESSAGE)
    return found if wanted.leaf else _end_below(conversation, found)


def _end_below(conversation: models.Conversation, message: UUID) -> UUID:
    """Who is on a branch that leads through the message stays on it."""
    active = conversation.active_message_id
    if active and branch.leads_through(conversation, active, message):
        return active
    return newest_leaf_below(message)


def _place(conversation: models.Conversation, cursor: str) -> UUID:
    found = _among(conversation, cursor)
    if found is None:
        raise Invalid(NO_PLACE, fields={"cursor": [NO_PLACE]})
    return found


def _among(conversation: models.Conversation, id: str) -> UUID | None:
    """The id of a message, if it is one of this conversation."""
    wanted = parsed(id)
    known = wanted and models.Message.objects.filter(pk=wanted, conversation=conversation).exists()
    return wanted if known else None


@router.get(
    "/conversations/{conversation}/search", response=Page[Match], summary="Find in what was said"
)
def search(request: HttpRequest, conversation: str, wanted: Query[Words]) -> HttpResponse:
    """The messages with these words on the branch that ends in `leaf` (the active one if not given),
    oldest first, and how often each has them, as they stand in its text. Case does not matter. What is
    being written at the moment is not searched."""
    user = caller(request)
    with one_of_few(user):
        return listed(in_transaction(_inside, user, conversation, wanted))


def _inside(user: User, id: str, wanted: Words) -> list[Object]:
    conversation = access.conversation_for(user, id)
    leaf = _last(conversation, Branch(leaf=wanted.leaf))
    found = inside.matches(conversation, wanted.q, leaf or conversation.active_message_id)
    return [{"message": str(message), "matches": count} for message, count in found]


@router.get("/conversations/{conversation}/context", response=Context, summary="How full it is")
def context(request: HttpRequest, conversation: str, wanted: Query[End]) -> HttpResponse:
    """What of its model's window the branch that ends in `leaf` (the active one if not given) uses, in
    tokens: what the last call reported, and an estimate of what was said since. `exact`: of nothing but
    that. `reserved` is kept free for the answer, `left_out` are messages that the last answer did not
    get to read, `likely_cost` is what a short question more is likely to cost."""
    return said(in_transaction(_context, caller(request), conversation, wanted.leaf))


def _context(user: User, id: str, leaf: str | None) -> Object:
    conversation = access.conversation_for(user, id)
    end = _last(conversation, Branch(leaf=leaf)) or conversation.active_message_id
    return meter.reading(user, conversation, end)
