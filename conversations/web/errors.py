"""What a person or a program sees when a request is refused before a view is asked."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import translation

from conversations.errors import CsrfFailed, NotFound, Refusal

API_PREFIX = "/api/"


def refused(refusal: Refusal) -> JsonResponse:
    response = JsonResponse(refusal.body(), status=refusal.http)
    if refusal.retry_after is not None:
        response["Retry-After"] = str(refusal.retry_after)
    return response


def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:
    if request.path.startswith(API_PREFIX):
        return refused(CsrfFailed())
    return render(request, "403_csrf.html", status=403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    if request.path.startswith(API_PREFIX):
        return refused(NotFound())
    return render(request, "404.html", status=404)


def too_many(request: HttpRequest) -> HttpResponse:
    """Where django-allauth counts: signing in, passwords, e-mails. Our own doors say it in the page."""
    return render(request, "429.html", status=429)


def server_error(request: HttpRequest) -> HttpResponse:
    if request.path.startswith(API_PREFIX):
        return refused(Refusal())
    # What broke may have been in front of what finds out the language, or behind what lets go of it.
    with translation.override(translation.get_language_from_request(request)):
        return render(request, "500.html", status=500)
