"""A stored picture as the answer to a request whose right to see it was looked at before."""

from pathlib import PurePosixPath
from typing import TypeVar

from django.conf import settings
from django.http import HttpResponse, HttpResponseBase
from django.utils.cache import patch_vary_headers

from chatsite.security import INERT
from conversations.attachments.images import SIGN_TYPE, Missing, sign, stored_bytes
from conversations.attachments.storage import SUFFIXES
from conversations.db import give_back_connection
from conversations.errors import NotFound
from conversations.models import Blob

Response = TypeVar("Response", bound=HttpResponseBase)

THUMBNAIL_TYPE = "image/webp"


def digest_of(blob: Blob, *, thumbnail: bool = False) -> str:
    """Of what is shown: its name is its hash."""
    name = blob.thumbnail_name if thumbnail else blob.name
    return "blocked" if blob.blocked else PurePosixPath(name).stem


def picture(blob: Blob, title: str, *, thumbnail: bool = False) -> HttpResponse:
    """Whole, never a range of it: it is a few megabytes at most. Raises NotFound when its file is gone.

    410 with a sign for one that is blocked.
    """
    if blob.blocked:
        return _told(HttpResponse(sign(), content_type=SIGN_TYPE, status=410), "blocked.png")
    content_type = THUMBNAIL_TYPE if thumbnail else blob.content_type
    name = blob.thumbnail_name if thumbnail else blob.name
    response = HttpResponse(_content(name), content_type=content_type)
    if settings.ACCEL:
        response["X-Accel-Redirect"] = settings.ACCEL + name
    return _told(response, f"{title}.{SUFFIXES[content_type]}")


def _content(name: str) -> bytes:
    """Nothing where a proxy reads it from the disk; it has only our word for who may see it."""
    if settings.ACCEL:
        return b""
    give_back_connection()  # a bucket may be slow, and everybody needs one
    try:
        return stored_bytes(name)
    except Missing as gone:
        raise NotFound(str(gone)) from gone


def _told(response: HttpResponse, name: str) -> HttpResponse:
    response["Content-Disposition"] = f'inline; filename="{name}"'
    response["Accept-Ranges"] = "none"
    return guarded(response)


def guarded(response: Response) -> Response:
    """What a person has stored, for them alone: nothing in it runs, and no other site shows it."""
    response["Content-Security-Policy"] = INERT
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    response["X-Content-Type-Options"] = "nosniff"
    patch_vary_headers(response, ["Cookie"])
    return response
