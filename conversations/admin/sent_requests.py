"""The request of a run as it went out, on a page of its own that is on record like the transcript."""

import json
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _

from conversations.admin.opening import first_asked
from conversations.admin.table import Table, reader
from conversations.audit import address_of
from conversations.models import Image, Run
from conversations.models.conversation import present
from conversations.review import requests

RIGHTS = (
    "conversations.view_run",
    "conversations.view_conversation",
    "conversations.view_message",
)
NAME = "conversations_run_request"


def urls(table: Table) -> list[URLPattern]:
    def view(request: HttpRequest, object_id: UUID) -> HttpResponse:
        return _answer(table, request, object_id)

    return [path("<uuid:object_id>/request/", table.admin_site.admin_view(view), name=NAME)]


def _answer(table: Table, request: HttpRequest, id: UUID) -> HttpResponse:
    if request.method not in ("GET", "HEAD") or not reader(request).has_perms(RIGHTS):
        raise PermissionDenied
    there = table.get_queryset(request).filter(present("conversation__"))
    run = there.select_related("conversation__owner").filter(pk=id).first()
    if run is None:
        raise Http404
    if asked := first_asked(request, run.conversation):
        return asked
    sent = requests.read(reader(request), run, address=address_of(request))
    return render(request, "admin/request.html", _context(table, request, run, sent))


def _context(
    table: Table, request: HttpRequest, run: Run, sent: list[requests.Sent]
) -> dict[str, Any]:
    pictures = [picture for one in sent for picture in requests.pictures_in(one.body)]
    return {
        **table.admin_site.each_context(request),
        "title": _("The request of a run"),
        "subtitle": None,
        "opts": table.opts,
        "run": run,
        "sent": [(one.attempts, _as_text(one.body)) for one in sent],
        "pictures": _thumbnails(run, [one.blob for one in pictures if one.blob]),
    }


def _as_text(body: Any) -> str:
    return json.dumps(requests.shown(body), ensure_ascii=False, indent=2)


def _thumbnails(run: Run, blobs: list[str]) -> list[UUID]:
    """Of the owner's pictures that are there still, each once."""
    mine = Image.objects.filter(owner=run.conversation.owner, blob__in=set(blobs))
    return list(mine.order_by("pk").values_list("pk", flat=True))
