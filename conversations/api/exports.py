"""Taking along what is one's own. Plain addresses: a link is all that a page needs for them."""

from collections.abc import Callable, Generator
from datetime import date
from typing import Any, Literal
from urllib.parse import quote

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.utils import timezone
from ninja import Router
from pydantic import BaseModel

from chatsite.security import INERT
from conversations import access
from conversations.api.answers import said
from conversations.api.signed_in import caller
from conversations.audit import address_of
from conversations.chat.export import archive, document, markdown, on_record, stream
from conversations.chat.export.names import fit
from conversations.chat.export.stream import Stream
from conversations.db import in_transaction
from conversations.models import User

router = Router(tags=["exports"])

Form = Literal["markdown", "json", "zip"]
Maker = Callable[[User, str], Generator[bytes]]
# How a form is made, what it is called, what it is.
FORMS: dict[Form, tuple[Maker, str, str]] = {
    "markdown": (markdown.pieces, "md", "text/markdown; charset=utf-8"),
    "json": (document.pieces, "json", "application/json"),
    "zip": (archive.of_one, "zip", "application/zip"),
}


class Progress(BaseModel):
    """Conversations written so far, of so many."""

    done: int
    of: int


@router.get("/conversations/{conversation}/export", summary="Take one conversation along")
def export_one(request: HttpRequest, conversation: str, format: Form = "markdown") -> Any:
    """`markdown`: the active branch, to read. `json`: every branch. `zip`: both, and the pictures."""
    user = caller(request)
    title = in_transaction(access.conversation_for, user, conversation).title
    made, ending, kind = FORMS[format]
    return _download(Stream(user, made(user, conversation)), f"{fit(title)}.{ending}", kind)


@router.get("/export", summary="Take all conversations along")
def export_all(
    request: HttpRequest, what: Literal["conversations", "everything"] = "conversations"
) -> Any:
    """A ZIP: `conversations.json`, each as Markdown, the pictures; with `everything` also who you are
    here, what you chose and what you have used. It is made while it is sent."""
    user = caller(request)
    in_transaction(on_record.taken, user, user, what, address=address_of(request))
    progress = stream.Progress(user)
    made = archive.of_all(user, progress, all_of_it=what == "everything")
    name = f"chatsite-{what}-{_today():%Y-%m-%d}.zip"
    return _download(Stream(user, made), name, "application/zip")


@router.get("/export/progress", response=Progress | None, summary="How far the last one is")
def progress(request: HttpRequest) -> HttpResponse:
    """Of the ZIP of all that was begun last; null when there was none within ten minutes."""
    return said(stream.progress_of(caller(request)))


def _today() -> date:
    return timezone.localdate()


def _download(pieces: Stream, name: str, kind: str) -> StreamingHttpResponse:
    response = StreamingHttpResponse(pieces, content_type=kind)
    plain = name.encode("ascii", "replace").decode().replace("?", "_").replace('"', "_")
    response["Content-Disposition"] = (
        f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
    )
    response["Content-Security-Policy"] = INERT
    return response
