"""Beside the words of a transcript: what was said about them, decided and noted; and one's own note."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from conversations.admin.returning import on_this_site
from conversations.admin.table import reader
from conversations.audit import address_of
from conversations.errors import Invalid
from conversations.ids import parsed
from conversations.models import Conversation, Message
from conversations.models.review import NOTE_CHARACTERS
from conversations.review import decisions, queue, transcript

NOTED = _("Your note stands beside it.")
GONE = _("That message is not here (any more).")


def beside_the_words(request: HttpRequest, read: transcript.Transcript) -> dict[str, Any]:
    """Of what was said on this page the cases, open or decided; and who may write a note."""
    talk = read.conversation
    cases = queue.of_messages([turn.message.pk for turn in read.turns])
    for turn in read.turns:
        turn.message.case = cases.get(turn.message.pk)  # type: ignore[attr-defined]
    return {
        "notes": talk.notes.filter(message=None).select_related("by").order_by("at"),
        "may_note": reader(request).has_perm("conversations.add_note"),
        "longest_note": NOTE_CHARACTERS,
    }


def note(request: HttpRequest, conversation: Conversation) -> HttpResponse:
    """Keep what was typed, and go back to where it was typed."""
    words, address = request.POST.get("text", ""), address_of(request)
    try:
        with transaction.atomic():
            about = _message(conversation, request.POST.get("message", ""))
            decisions.note(reader(request), conversation, about, words, address=address)
    except Invalid as problem:
        messages.error(request, str(problem))
    else:
        messages.success(request, NOTED)
    return redirect(_back(request, conversation))


def _message(conversation: Conversation, id: str) -> Message | None:
    """None: the note is about all of it."""
    if not id:
        return None
    found = conversation.messages.filter(pk=parsed(id) or UUID(int=0)).only("pk").first()
    if found is None:
        raise Invalid(GONE)
    return found


def _back(request: HttpRequest, conversation: Conversation) -> str:
    page = reverse("admin:conversations_conversation_change", args=[conversation.pk])
    return on_this_site(request.POST.get("next", ""), page)
