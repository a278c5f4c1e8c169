"""The form before what is private, where the site asks why it is opened."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from conversations import site
from conversations.admin.columns import moment
from conversations.admin.returning import on_this_site
from conversations.admin.site import desk
from conversations.admin.table import reader
from conversations.audit import address_of
from conversations.errors import Invalid
from conversations.ids import parsed
from conversations.models import Conversation
from conversations.models.audit import REASON
from conversations.models.site import Tells
from conversations.review import opening


def first_asked(request: HttpRequest, conversation: Conversation) -> HttpResponse | None:
    """Where to go instead, as long as no reason holds; None: read on."""
    if not opening.is_asked(reader(request), conversation):
        return None
    return redirect(opening.way_to(conversation.pk, request.get_full_path() + _place(request)))


def _place(request: HttpRequest) -> str:
    """Of the message that is to be read: a browser tells us none, and forgets it with a form."""
    message = parsed(request.GET.get("message", ""))
    return f"#m-{message}" if message else ""


def form(request: HttpRequest, conversation: Conversation) -> HttpResponse:
    """GET shows it, POST opens."""
    then = _then(request, conversation)
    if request.method != "POST":
        return _page(request, conversation, then)
    why = request.POST.get("reason", "")
    try:
        opening.begin(reader(request), conversation, why, address=address_of(request))
    except Invalid as problem:
        return _page(request, conversation, then, problem=str(problem), why=why, status=400)
    return redirect(then)


def _then(request: HttpRequest, conversation: Conversation) -> str:
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    page = reverse("admin:conversations_conversation_change", args=[conversation.pk])
    return on_this_site(wanted, page)


def _page(
    request: HttpRequest,
    conversation: Conversation,
    then: str,
    *,
    problem: str = "",
    why: str = "",
    status: int = 200,
) -> HttpResponse:
    context = {
        **desk.each_context(request),
        "conversation": conversation,
        "last_activity": moment(conversation.updated_at),
        "next": then,
        "problem": problem,
        "why": why,
        "longest": REASON,
        "is_told": site.now().row.tells_owners == Tells.READ,
    }
    return render(request, "admin/open.html", context, status=status)
