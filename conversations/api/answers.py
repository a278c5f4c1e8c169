"""What goes out: an object as it stands, or the one form of every error (PROTOCOL.md)."""

from collections.abc import Iterable
from typing import Any

import orjson
from django.http import HttpResponse, JsonResponse
from django.utils.translation import gettext_lazy as _

from conversations.errors import Invalid, InvalidFrame, Refusal, UnknownType

METHOD = _("This address does not know the method {method}. It knows {known}.")
# Codes that only the socket has: to a program they are all one.
OF_FRAMES = {InvalidFrame.code, UnknownType.code}


def said(content: Any, status: int = 200) -> HttpResponse:
    """`content` word for word: no schema filters it, so that an ack repeated is the ack."""
    text = orjson.dumps(content, option=orjson.OPT_SORT_KEYS)
    return HttpResponse(text, status=status, content_type="application/json")


def listed(items: list[Any], next: str | None = None) -> HttpResponse:
    return said({"items": items, "next": next})


def refused(refusal: Refusal) -> HttpResponse:
    if refusal.code in OF_FRAMES:
        refusal = Invalid(str(refusal), fields=refusal.fields)
    response = JsonResponse(refusal.body(), status=refusal.http)
    if refusal.retry_after is not None:
        response["Retry-After"] = str(refusal.retry_after)
    return response


def wrong_method(method: str, known: Iterable[str]) -> HttpResponse:
    allowed = ", ".join(sorted(known))
    response = refused(Invalid(METHOD.format(method=method[:20], known=allowed)))
    response.status_code = 405
    response["Allow"] = allowed
    return response
