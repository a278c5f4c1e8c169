"""The banner of the site is put away, in this browser, until it says something else."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from conversations import site
from conversations.reading.site_object import Object, banner_object

COOKIE = "banner"
KEPT_SECONDS = 31_536_000


def shown_to(request: HttpRequest) -> Object | None:
    """`away`: it was put away in this browser."""
    found = banner_object(site.now())
    return found and {**found, "away": request.COOKIES.get(COOKIE) == found["id"]}


@require_POST
def put_away(request: HttpRequest) -> HttpResponse:
    """No account is needed: it stands where one signs in, too. `which` is the one that was read; another
    may stand there by now."""
    response = redirect(_back(request))
    found = banner_object(site.now())
    if found is not None and request.POST.get("which") == found["id"]:
        response.set_cookie(
            COOKIE, found["id"], KEPT_SECONDS, secure=settings.HTTPS, httponly=True, samesite="Lax"
        )
    return response


def _back(request: HttpRequest) -> str:
    """Where they came from, if it is here."""
    there = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(there, {request.get_host()})
    return there if is_ours and there.startswith("/") else "/"
