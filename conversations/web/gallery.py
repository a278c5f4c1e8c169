"""All of a person's pictures on one page; what comes after the first ones is asked for by its script."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from conversations.attachments.room import room_of
from conversations.chat.questions import IMAGES
from conversations.db import in_transaction
from conversations.reading import gallery
from conversations.web.visitor import user_of


@require_safe
@login_required
def page(request: HttpRequest) -> HttpResponse:
    user = user_of(request)
    items, following = in_transaction(gallery.page, user)
    shown = {"user": str(user.pk), "items": items, "next": following, "most": IMAGES}
    return render(request, "pictures/index.html", {"page": shown, "room": room_of(user)})
