"""Invitations: made here, their link shown once."""

from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from conversations import site
from conversations.accounts import invitations
from conversations.admin.columns import moment
from conversations.admin.site import desk
from conversations.admin.table import OnRecord, reader
from conversations.models import Invitation

ONCE = _("Give this link to one person; it is shown only now and works once, until {}:")
CLOSED = _(
    "Sign-up is closed (CHATSITE_SIGNUP): the link works only when it is “invite” or “open”."
)


@admin.register(Invitation, site=desk)
class Invitations(OnRecord):
    person = None
    list_display = ("__str__", "state", "created_by", "made", "runs_out", "used_by")
    list_select_related = ("created_by", "used_by")
    list_filter = ("created_at",)
    search_fields = ("note", "created_by__username", "used_by__username")
    search_help_text = _("A note, or a person.")
    ids = ()
    ordering = ("-created_at",)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is None:
            return ["note"]
        return ["note", "state", "created_by", "created_at", "expires_at", "used_by", "used_at"]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.get_fields(request, obj) if obj else []

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """One button: whatever was pressed, what follows is the list with the link."""
        one = {"show_save_and_add_another": False, "show_save_and_continue": False}
        return super().add_view(request, form_url, {**one, **(extra_context or {})})

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        made, link = invitations.invite(by=reader(request), note=obj.note)
        obj.pk = made.pk
        obj.refresh_from_db()
        obj.link = link

    def response_add(
        self, request: HttpRequest, obj: Any, post_url_continue: str | None = None
    ) -> HttpResponse:
        sentence = format_html("{} <code>{}</code>", ONCE.format(moment(obj.expires_at)), obj.link)
        messages.success(request, sentence)
        if site.now().signup == "closed":
            messages.warning(request, CLOSED)
        return redirect("admin:conversations_invitation_changelist")

    @admin.display(description=_("made"), ordering="created_at")
    def made(self, invitation: Invitation) -> str:
        return moment(invitation.created_at)

    @admin.display(description=_("runs out"), ordering="expires_at")
    def runs_out(self, invitation: Invitation) -> str:
        return moment(invitation.expires_at)

    @admin.display(description=_("state"), ordering="expires_at")
    def state(self, invitation: Invitation) -> str:
        if invitation.used_at:
            return str(_("used"))
        return str(_("open") if invitation.expires_at > timezone.now() else _("ran out"))
