"""Redaction of a message, from its transcript: asked for on a page of its own, with a reason, not undone."""

from typing import Any
from uuid import UUID

from asgiref.sync import async_to_sync
from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _

from conversations.admin.columns import transcript
from conversations.admin.table import Table, reader
from conversations.audit import address_of
from conversations.chat import redaction
from conversations.errors import Refusal
from conversations.models import Message, User
from conversations.models.review import Outcome
from conversations.review import telling

RIGHTS = (
    "conversations.view_conversation",
    "conversations.view_message",
    "conversations.change_message",
)
NAME = "conversations_message_redact"
DONE = _("The words are removed, for everybody and for ever.")


class Why(forms.Form):
    reason = forms.CharField(
        label=_("Reason"),
        max_length=redaction.REASON_CHARACTERS,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("It stays on record with your name, and is shown beside the transcript."),
    )


def may(user: User) -> bool:
    return user.has_perms(RIGHTS)


def urls(table: Table) -> list[URLPattern]:
    """`table` knows which conversations somebody may see."""

    def view(request: HttpRequest, conversation: UUID, message: UUID) -> HttpResponse:
        return _answer(table, request, conversation, message)

    address = "<uuid:conversation>/redact/<uuid:message>/"
    return [path(address, table.admin_site.admin_view(view), name=NAME)]


def _answer(table: Table, request: HttpRequest, talk: UUID, id: UUID) -> HttpResponse:
    if not may(reader(request)):
        raise PermissionDenied
    message = _message(table, request, talk, id)
    form = Why(request.POST or None)
    if request.method == "POST" and form.is_valid() and _done(request, message, form):
        messages.success(request, DONE)
        return redirect(transcript(talk, id))
    return render(request, "admin/redact.html", _context(table, request, message, form))


def _message(table: Table, request: HttpRequest, talk: UUID, id: UUID) -> Message:
    if not table.get_queryset(request).filter(pk=talk).exists():
        raise Http404
    rows = Message.objects.select_related("conversation__owner").defer("text", "reasoning")
    found = rows.filter(conversation=talk, pk=id, redacted_at=None).first()
    if found is None:
        raise Http404
    return found


def _done(request: HttpRequest, message: Message, form: Why) -> bool:
    reason, address = form.cleaned_data["reason"], address_of(request)
    try:
        async_to_sync(redaction.redact)(reader(request), message, reason=reason, address=address)
        telling.of_decision(reader(request), message.conversation, Outcome.HIDDEN, reason)
    except Refusal as refusal:
        form.add_error("reason", str(refusal))
        return False
    return True


def _context(table: Table, request: HttpRequest, message: Message, form: Why) -> dict[str, Any]:
    return {
        **table.admin_site.each_context(request),
        "title": _("Remove the words of a message"),
        "subtitle": None,
        "opts": table.opts,
        "message": message,
        "form": form,
        "media": table.media,
    }
