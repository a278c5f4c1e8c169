"""Pictures and text files, for who may see them: asked anew each time, kept by nobody in between."""

from collections.abc import Callable
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils.cache import get_conditional_response
from django.utils.http import content_disposition_header, quote_etag
from django.views.decorators.http import require_safe

from conversations import access
from conversations.accounts import second_factor
from conversations.audit import address_of
from conversations.errors import NotFound
from conversations.models import Blob, Image, TextFile
from conversations.review import opening, private
from conversations.web import stored
from conversations.web.visitor import user_of

# `no-cache` keeps a copy in this one browser and makes it ask before each use: whoever has lost the
# right to see a picture (signed out, deleted) loses it at once.
CACHE = "private, no-cache"


@require_safe
@login_required
def image(request: HttpRequest, image_id: UUID) -> HttpResponseBase:
    found = _visible(request, image_id)
    if asked := _opened(request, found):
        return asked
    return _picture(request, found.blob, f"picture-{image_id}")


@require_safe
@login_required
def thumbnail(request: HttpRequest, image_id: UUID) -> HttpResponseBase:
    found = _visible(request, image_id)
    reader = user_of(request)
    if not private.is_open(reader, found, private.places(found)):
        raise PermissionDenied
    return _picture(request, found.blob, f"thumbnail-{image_id}", thumbnail=True)


@require_safe
@login_required
def text_file(request: HttpRequest, file_id: UUID) -> HttpResponseBase:
    """Always as plain text to be kept: what is in it is never a page of ours."""
    reader = user_of(request)
    try:
        found = access.file_shown_to(reader, file_id, as_staff=_as_staff(request))
    except NotFound as absent:
        raise Http404(str(absent)) from absent
    if asked := _opened(request, found):
        return asked

    def whole() -> HttpResponse:
        response = HttpResponse(found.text, content_type="text/plain; charset=utf-8")
        response["Content-Disposition"] = content_disposition_header(True, found.name) or ""
        return response

    return _answer(request, found.sha256, whole)


def _as_staff(request: HttpRequest) -> bool:
    """What belongs to others is of the desk, also by its own address."""
    return not second_factor.is_missing(request)


def _visible(request: HttpRequest, image_id: UUID) -> Image:
    """The viewer's own, or any for staff who may read transcripts (that reading is on record)."""
    try:
        user = user_of(request)
        return access.image_shown_to(user, image_id, as_staff=_as_staff(request))
    except NotFound as absent:
        raise Http404(str(absent)) from absent


def _opened(request: HttpRequest, thing: Image | TextFile) -> HttpResponse | None:
    """Puts on record that staff sees it; or where to go first, as long as a reason is wanted."""
    reader = user_of(request)
    where = [] if thing.owner_id == reader.pk else private.places(thing)
    if not private.is_open(reader, thing, where):
        return redirect(opening.way_to(where[0], request.get_full_path()))
    if request.method == "GET":
        private.opened(reader, thing, where, address=address_of(request))
    return None


def _picture(
    request: HttpRequest, blob: Blob, title: str, *, thumbnail: bool = False
) -> HttpResponseBase:
    def whole() -> HttpResponse:
        try:
            return stored.picture(blob, title, thumbnail=thumbnail)
        except NotFound as gone:
            raise Http404(str(gone)) from gone

    return _answer(request, stored.digest_of(blob, thumbnail=thumbnail), whole)


def _answer(
    request: HttpRequest, digest: str, whole: Callable[[], HttpResponse]
) -> HttpResponseBase:
    """The whole of it, or 304 when the browser's copy is the same."""
    etag = quote_etag(digest)
    response = get_conditional_response(request, etag=etag) or whole()
    response["ETag"] = etag
    response["Cache-Control"] = CACHE
    return stored.guarded(response)
