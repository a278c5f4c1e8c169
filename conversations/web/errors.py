"""What a person or a program sees when a request is refused before a view is asked."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

from conversations.errors import CsrfFailed, NotFound, Refusal

API_PREFIX = "/api/"


def refusal_body(refusal: Refusal) -> dict[str, object]:
    """The one form of every error of the API (PROTOCOL.md)."""
    error: dict[str, object] = {"code": refusal.code, "message": str(refusal)}
    if refusal.fields:
        error["fields"] = refusal.fields
    if refusal.retry_after is not None:
        error["retry_after"] = refusal.retry_after
    return {"error": error}


def refused(refusal: Refusal) -> JsonResponse:
    response = JsonResponse(refusal_body(refusal), status=refusal.http)
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


def server_error(request: HttpRequest) -> HttpResponse:
    if request.path.startswith(API_PREFIX):
        return refused(Refusal())
    return render(request, "500.html", status=500)
