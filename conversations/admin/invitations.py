"""Invitations: made here, sent by mail, or their link shown once."""

import re
from typing import TYPE_CHECKING, Any

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.auth.models import Group
from django.core.validators import validate_email
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from conversations import site
from conversations.accounts import invitation_mail, invitations, names
from conversations.admin.columns import at, moment
from conversations.admin.site import desk
from conversations.admin.table import OnRecord, reader
from conversations.errors import Words
from conversations.models import Invitation, User
from conversations.models.accounts import plain_email
from conversations.text import clean

ONCE = _("Give this link to one person; it is shown only now and works once, until {}:")
CLOSED = _(
    "Sign-up is closed (CHATSITE_SIGNUP): the link works only when it is “invite” or “open”."
)

AT_ONCE = 50
TOO_MANY = _("At most {most} at once.")
NO_EMAIL = _("This is no e-mail: {email}")
IS_HERE = _("Somebody here has this e-mail already: {email}")
ALL_USED = _("None of them can be sent again: they were used or withdrawn.")

if TYPE_CHECKING:
    Form = forms.ModelForm[Invitation]
else:
    Form = forms.ModelForm


class NewInvitation(Form):
    emails = forms.CharField(
        label=_("E-mails"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_(
            "One a line, 50 at most: each gets a link of its own. Empty: one link to pass on."
        ),
    )
    language = forms.ChoiceField(
        label=_("Language of the mail"), choices=settings.LANGUAGES, required=False
    )

    class Meta:
        model = Invitation
        fields = ("note", "group", "language")
        help_texts = {
            "group": _(
                "Of this group from the start. To come to these pages somebody has to be staff as well: "
                "tick that on their own page once they are here."
            )
        }

    def clean_emails(self) -> list[str]:
        """Each once, as it is kept."""
        said = re.split(r"[\s,;]+", clean(self.cleaned_data["emails"]))
        emails = list(dict.fromkeys(plain_email(email) for email in said if email))
        if len(emails) > AT_ONCE:
            raise forms.ValidationError(TOO_MANY.format(most=AT_ONCE))
        for email in emails:
            self._look_at(email)
        return emails

    def _look_at(self, email: str) -> None:
        try:
            validate_email(email)
        except forms.ValidationError:
            raise forms.ValidationError(NO_EMAIL.format(email=email[:100])) from None
        if names.is_taken("email", email, by_others_than=User()):
            raise forms.ValidationError(IS_HERE.format(email=email))


@admin.register(Invitation, site=desk)
class Invitations(OnRecord):
    person = "used_by"
    form = NewInvitation
    actions = ("send_again", "withdraw")
    list_display = (
        "__str__", "state", "email", "group", "created_by", "made", "runs_out", "used_by",
    )  # fmt: skip
    list_select_related = ("created_by", "used_by", "group")
    list_filter = ("created_at", "group")
    search_fields = ("note", "email", "created_by__username", "used_by__username")
    search_help_text = _("A note, an e-mail, or a person.")
    made = at("created_at", _("made"))
    sent = at("sent_at", _("sent"))
    runs_out = at("expires_at", _("runs out"))
    used = at("used_at", _("used"))
    withdrawn = at("withdrawn_at", _("withdrawn"))
    ids = ()
    ordering = ("-created_at",)

    def theirs(self, request: HttpRequest) -> Q:
        """Who sees some people only sees the invitations that those have used, and their own."""
        mine = super().theirs(request)
        return mine | Q(created_by=reader(request)) if mine else mine

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is None:
            return ["emails", "language", "group", "note"]
        return [
            "note", "state", "email", "language", "group", "created_by", "made", "sent",
            "runs_out", "used_by", "used", "withdrawn",
        ]  # fmt: skip

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.get_fields(request, obj) if obj else []

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **more: Any
    ) -> Any:
        """One that was made is looked at, and has nothing to fill in."""
        return super().get_form(request, obj, change, **({**more, "form": Form} if obj else more))

    def get_field_queryset(self, db: Any, db_field: Any, request: HttpRequest) -> Any:
        """Only an administrator gives rights: others put people into groups that have none."""
        rows = super().get_field_queryset(db, db_field, request)
        if db_field.name != "group" or reader(request).is_superuser:
            return rows
        return (Group.objects.all() if rows is None else rows).filter(permissions=None)

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """One button: whatever was pressed, what follows is the list with the link."""
        one = {"show_save_and_add_another": False, "show_save_and_continue": False}
        return super().add_view(request, form_url, {**one, **(extra_context or {})})

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """One for each address, and one that goes to nobody where there is none."""
        said = form.cleaned_data
        about = {"note": obj.note, "group": obj.group, "language": said["language"]}
        obj.made = [
            invitations.invite(by=reader(request), email=email, **about)
            for email in said["emails"] or [""]
        ]
        obj.pk = obj.made[0][0].pk
        obj.refresh_from_db()
        for other, _link in obj.made[1:]:
            self._record(request, "add", other)
        self._send_or_show(request, obj.made)

    def _send_or_show(self, request: HttpRequest, made: list[tuple[Invitation, str]]) -> None:
        """By mail, where there is a server and somebody to send it to: soon, of which the list tells."""
        if site.now().signup == "closed":
            messages.warning(request, CLOSED)
        if invitation_mail.can_be_sent() and all(one.email for one, _link in made):
            invitation_mail.send_soon([one.pk for one, _link in made])
            told = ngettext(
                "{count} invitation is being sent. The list says how it went.",
                "{count} invitations are being sent. The list says how it went.",
                len(made),
            )
            messages.success(request, told.format(count=len(made)))
            return
        for one, link in made:
            told = ONCE.format(moment(one.expires_at))
            messages.success(request, format_html("{} {} <code>{}</code>", one.email, told, link))

    def response_add(
        self, request: HttpRequest, obj: Any, post_url_continue: str | None = None
    ) -> HttpResponse:
        return redirect("admin:conversations_invitation_changelist")

    @admin.action(description=_("Send again"), permissions=["add"])
    def send_again(self, request: HttpRequest, chosen: QuerySet[Invitation]) -> None:
        """With another link: of the one that was sent before only its hash is known."""
        made = []
        for one in chosen:
            if link := invitations.again(one):
                self._record(request, "again", one)
                one.refresh_from_db()
                made.append((one, link))
        if not made:
            self.message_user(request, ALL_USED, messages.WARNING)
        by_mail = [(one, link) for one, link in made if one.email]
        for some in (by_mail, [(one, link) for one, link in made if not one.email]):
            if some:
                self._send_or_show(request, some)

    @admin.action(description=_("Withdraw"), permissions=["add"])
    def withdraw(self, request: HttpRequest, chosen: QuerySet[Invitation]) -> None:
        gone = [one for one in chosen if invitations.withdraw(one)]
        for one in gone:
            self._record(request, "withdraw", one)
        told = ngettext(
            "{count} invitation withdrawn.", "{count} invitations withdrawn.", len(gone)
        )
        self.message_user(request, told.format(count=len(gone)))

    @admin.display(description=_("state"), ordering="expires_at")
    def state(self, invitation: Invitation) -> str:
        return str(_state(invitation))


def _state(one: Invitation) -> Words:
    if one.used_at:
        return _("used")
    if one.withdrawn_at:
        return _("withdrawn")
    if one.expires_at <= timezone.now():
        return _("ran out")
    if one.send_at:
        return _("could not be sent yet, is tried again") if one.failed_at else _("is being sent")
    if one.failed_at:
        return _("could not be sent")
    return _("sent") if one.sent_at else _("open")
