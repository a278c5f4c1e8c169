"""A person's folders. A conversation is put into one by `PATCH conversations/{id}` with `folder`."""

from django.http import HttpRequest, HttpResponse
from ninja import Body, Router

from conversations import access
from conversations.api.answers import listed, said
from conversations.api.shapes import Folder, Page
from conversations.api.signed_in import caller
from conversations.chat import folders
from conversations.chat.folders import FolderChanges
from conversations.db import in_transaction
from conversations.models import User
from conversations.reading.objects import Object, folder_object

router = Router(tags=["folders"])


@router.get("/folders", response=Page[Folder], summary="Your folders")
def read(request: HttpRequest) -> HttpResponse:
    """All of them, in their order."""
    return listed(in_transaction(_all, caller(request)))


def _all(user: User) -> list[Object]:
    return [folder_object(folder) for folder in access.folders_for(user)]


@router.post("/folders", response={201: Folder}, summary="Make a folder")
def create(request: HttpRequest, body: Body[FolderChanges]) -> HttpResponse:
    made = in_transaction(folders.create, caller(request), body)
    return said(folder_object(made), 201)


@router.patch("/folders/{folder}", response=Folder, summary="Change a folder")
def change(request: HttpRequest, folder: str, body: Body[FolderChanges]) -> HttpResponse:
    """What is absent stays. `position`, counted from 0, moves it among the others."""
    changed = in_transaction(folders.change, caller(request), folder, body)
    return said(folder_object(changed))


@router.delete("/folders/{folder}", response={204: None}, summary="Take a folder apart")
def delete(request: HttpRequest, folder: str) -> HttpResponse:
    """Its conversations are kept, in no folder."""
    in_transaction(folders.delete, caller(request), folder)
    return HttpResponse(status=204)
