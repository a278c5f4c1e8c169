"""What a link opens, for whoever holds it: asked anew each time, kept by nobody, found by no search."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_POST, require_safe

from conversations import access
from conversations.audit import address_of
from conversations.chat import sharing
from conversations.db import in_transaction
from conversations.errors import Conflict, NotFound, NotLoggedIn, RateLimited, TooLarge
from conversations.models import Share
from conversations.reading import shared
from conversations.web import stored

# Not there, or deleted while we were about to show or copy it.
GONE = (NotFound, Http404, ObjectDoesNotExist, Conflict)

View = Callable[..., HttpResponseBase]

# Nothing on this site is for a search engine. Those that are named keep to the word `noindex`, which
# they only see on a page that they may open; shut out, they would list the bare address of a link
# that somebody put on the web, and the address is the key.
ROBOTS = """User-agent: Googlebot
User-agent: Bingbot
Allow: /share/
Disallow: /

User-agent: *
Disallow: /
"""


def secluded(view: View) -> View:
    """For every answer of these addresses, a 404 too."""

    @wraps(view)
    def seen(request: HttpRequest, token: str, **more: Any) -> HttpResponseBase:
        try:
            response = view(request, token, **more)
        except NotLoggedIn:
            response = redirect_to_login(f"/share/{token}/")
        except GONE:
            response = render(request, "share/gone.html", status=404)
        response["Cache-Control"] = "no-store, private"
        response["X-Robots-Tag"] = "noindex, nofollow, noarchive"
        return response

    return seen


@require_safe
@secluded
def page(request: HttpRequest, token: str) -> HttpResponse:
    share = _share(request, token)
    said, part = shared.page(share, request.GET.get("page", "1"))
    is_mine = request.user.is_authenticated and share.owner_id == request.user.pk
    context = {
        "share": share,
        "token": token,
        "messages_shown": said,
        "part": part,
        "is_mine": is_mine,
    }
    return render(request, "share/page.html", context)


@require_safe
@secluded
def picture(request: HttpRequest, token: str, number: int) -> HttpResponse:
    return stored.picture(shared.picture(_share(request, token), number), f"picture-{number}")


@require_safe
@secluded
def thumbnail(request: HttpRequest, token: str, number: int) -> HttpResponse:
    blob = shared.picture(_share(request, token), number)
    return stored.picture(blob, f"thumbnail-{number}", thumbnail=True)


@require_safe
@secluded
def text_file(request: HttpRequest, token: str, number: int) -> HttpResponse:
    """As plain text to be kept, as its owner has it."""
    found = shared.file(_share(request, token), number)
    response = HttpResponse(found.text, content_type="text/plain; charset=utf-8")
    response["Content-Disposition"] = content_disposition_header(True, found.name) or ""
    return stored.guarded(response)


@require_POST
@secluded
def copy(request: HttpRequest, token: str) -> HttpResponse:
    """A conversation of the reader's own, to go on with."""
    if not request.user.is_authenticated:
        raise NotLoggedIn
    share = _share(request, token)
    try:
        made = in_transaction(sharing.copied, request.user, share, address=address_of(request))
    except RateLimited as refusal:
        return render(request, "share/wait.html", {"sentence": str(refusal)}, status=refusal.http)
    except TooLarge as refusal:
        return render(request, "share/full.html", {"sentence": str(refusal)}, status=refusal.http)
    return redirect("conversation", which=made.pk)


@require_safe
def robots(_request: HttpRequest) -> HttpResponse:
    return HttpResponse(ROBOTS, content_type="text/plain; charset=utf-8")


def _share(request: HttpRequest, token: str) -> Share:
    reader = request.user if request.user.is_authenticated else None
    return access.share_behind(token, reader)
