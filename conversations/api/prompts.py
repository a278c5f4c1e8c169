"""Saved prompts."""

from django.http import HttpRequest, HttpResponse
from ninja import Body, Router

from conversations import access
from conversations.api.answers import listed, said
from conversations.api.own_shapes import SavedPrompt
from conversations.api.shapes import Page
from conversations.api.signed_in import caller
from conversations.chat import prompts
from conversations.chat.prompts import Changes, New
from conversations.db import in_transaction
from conversations.models import User
from conversations.reading.objects import Object
from conversations.reading.person import prompt_object

router = Router(tags=["prompts"])


@router.get("/prompts", response=Page[SavedPrompt], summary="The prompts you can use")
def usable(request: HttpRequest) -> HttpResponse:
    """Your own and those for all, by name. All of them at once: there is no next page."""
    return listed(in_transaction(_usable, caller(request)))


def _usable(user: User) -> list[Object]:
    return [prompt_object(prompt) for prompt in access.prompts_for(user)]


@router.post("/prompts", response={201: SavedPrompt}, summary="Save a prompt")
def save(request: HttpRequest, body: Body[New]) -> HttpResponse:
    """In `text`, `{{blank}}` and `{{blank:what stands there at first}}` are filled in when it is used."""
    return said(prompt_object(in_transaction(prompts.save, caller(request), body)), 201)


@router.patch("/prompts/{prompt}", response=SavedPrompt, summary="Change one of yours")
def change(request: HttpRequest, prompt: str, body: Body[Changes]) -> HttpResponse:
    """What is absent stays as it is."""
    changed = in_transaction(prompts.change, caller(request), prompt, body)
    return said(prompt_object(changed))


@router.delete("/prompts/{prompt}", response={204: None}, summary="Delete one of yours")
def delete(request: HttpRequest, prompt: str) -> HttpResponse:
    in_transaction(prompts.delete, caller(request), prompt)
    return HttpResponse(status=204)
