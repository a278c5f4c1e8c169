"""Asking for a program, anew or differently, and waiting for the end of the answer if it wants to."""

import secrets
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Annotated
from uuid import UUID

from asgiref.sync import async_to_sync
from django.http import HttpRequest, HttpResponse
from ninja import Header

from conversations import access
from conversations.api import shapes, waiting
from conversations.api.answers import said
from conversations.api.signed_in import caller
from conversations.audit import address_of
from conversations.chat import send as sending
from conversations.chat.ask import ask
from conversations.chat.branches import edit_whatever_runs
from conversations.chat.gate import Sent
from conversations.chat.questions import Edit, Key, Question
from conversations.db import in_transaction
from conversations.errors import NotFound
from conversations.models import Message, User
from conversations.reading import branch
from conversations.reading.objects import (
    Object,
    conversation_object,
    message_object,
    run_object,
)
from conversations.runs import executor
from conversations.runs.ends import ended

IdempotencyKey = Annotated[
    Key | None,
    Header(
        alias="Idempotency-Key",
        description="The same key again gets the first answer and nothing is done twice.",
    ),
]
ANSWERS = {201: shapes.Sent, 200: shapes.Sent}


def send(request: HttpRequest, question: Question, key: str | None, *, wait: bool) -> HttpResponse:
    user = caller(request)
    key, address = key or secrets.token_hex(16), address_of(request)
    work = partial(sending.question, user, question, key, address=address)
    return _answered(user, partial(ask, user, work), wait=wait)


def edit(request: HttpRequest, wish: Edit, key: str | None, *, wait: bool) -> HttpResponse:
    user = caller(request)
    key, address = key or secrets.token_hex(16), address_of(request)
    asking = partial(edit_whatever_runs, user, wish, key, address=address)
    return _answered(user, asking, wait=wait)


def _answered(user: User, asking: Callable[[], Awaitable[Sent]], *, wait: bool) -> HttpResponse:
    """201 with the ack; with `wait` 200 at the end of the run, also when it failed.

    The thread of this request waits and nothing else: it holds no connection to Postgres.
    """
    if not wait:
        return said(async_to_sync(asking)().ack, 201)
    with waiting.place_for(user):
        sent = async_to_sync(asking)()
        async_to_sync(ended)(UUID(sent.ack["run"]["id"]), executor.refuse_while_draining)
    return said(in_transaction(_as_it_is_now, user, sent.ack))


def _as_it_is_now(user: User, ack: Object) -> Object:
    """The objects of an ack anew. Raises NotFound when they were deleted meanwhile."""
    conversation = access.conversation_for(user, ack["conversation"]["id"])
    ids = [UUID(ack[part]["id"]) for part in ("user_message", "message")]
    found = branch.with_attachments(Message.objects.filter(conversation=conversation)).in_bulk(ids)
    if len(found) < len(ids):
        raise NotFound(access.NO_MESSAGE)
    mine, answer = (found[id] for id in ids)
    branch.complete(conversation, [mine, answer])
    return {
        "conversation": conversation_object(conversation),
        "user_message": message_object(mine),
        "message": message_object(answer),
        "run": run_object(access.run_for(user, ack["run"]["id"])),
    }
