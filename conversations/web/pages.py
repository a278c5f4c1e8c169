"""The pages of who is signed in: the chat."""

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.contrib.staticfiles.storage import staticfiles_storage
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from conversations.access import conversation_for, notice_for
from conversations.errors import NotFound
from conversations.web.context import chat_page
from conversations.web.visitor import user_of


@require_safe
@login_required
def home(request: HttpRequest) -> HttpResponse:
    """A new conversation; it begins to exist with its first message."""
    return render(request, "chat/page.html", chat_page(user_of(request)))


@require_safe
@login_required
def conversation(request: HttpRequest, which: UUID) -> HttpResponse:
    try:
        found = conversation_for(user_of(request), which)
    except NotFound as absent:
        raise Http404(str(absent)) from None
    return render(request, "chat/page.html", chat_page(user_of(request), found))


@require_safe
def favicon(_request: HttpRequest) -> HttpResponse:
    """Browsers ask for it by this name on pages that name none, such as the admin's."""
    return redirect(staticfiles_storage.url("icons/favicon.svg"))


@require_POST
@login_required
def put_away(request: HttpRequest, notice: UUID) -> HttpResponse:
    """A notice of a review was read: it goes. The audit keeps what it told of."""
    try:
        found = notice_for(user_of(request), notice)
    except NotFound as absent:
        raise Http404(str(absent)) from None
    found.delete()
    return redirect("settings" if request.POST.get("back") == "settings" else "home")


@require_POST
@login_required
def told(request: HttpRequest) -> HttpResponse:
    """They have read that staff can review conversations: it is not said again by itself."""
    user = user_of(request)
    if user.told_of_review_at is None:
        user.told_of_review_at = timezone.now()
        user.save(update_fields=["told_of_review_at"])
    return redirect("home")
