"""Erasing a person: what goes and what stays is said in numbers; who does it types the name.

Of who has much it takes a while: their page says how far it is, and after it when it was done.
"""

from typing import Any

from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.contrib.admin.utils import unquote
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from conversations import holds, oversight
from conversations.accounts.erase import ERASED, Asked, erase, is_under_way
from conversations.admin.asking import reason_in
from conversations.admin.columns import State, moment, number, shown
from conversations.admin.holds import kept_by_a_hold
from conversations.admin.table import OnRecord, reader
from conversations.audit import address_of
from conversations.errors import Words
from conversations.ids import parsed
from conversations.models import (
    AuditEntry,
    Conversation,
    Erasure,
    Folder,
    Image,
    ImportJob,
    Message,
    ProviderCall,
    SavedPrompt,
    Share,
    TextFile,
    User,
)
from conversations.models.audit import REASON

YOURSELF = _("{name} (yourself)")
NOT_NAMED = _("Type the user name to confirm: {name}")
WAITING = _("It begins in a moment.")
FAR = _("{share} % of {count} messages are gone.")
STOPPED = _("Stopped by a legal hold. It goes on when that is ended.")
UNDER_WAY = _("Everything of {name} is being erased. This page says how far it is.")
GONE = _("Everything of {name} was erased: {when}.")
# How each table calls whose a row is.
GOES: dict[Any, str] = {
    Conversation: "owner",
    Message: "conversation__owner",
    Image: "owner",
    TextFile: "owner",
    Folder: "owner",
    Share: "owner",
    SavedPrompt: "owner",
    ImportJob: "owner",
    UserSession: "user",
}
# What a library calls its table nobody has translated.
NAMES: dict[Any, Words] = {UserSession: _("Sessions")}


class Erasing(OnRecord):
    delete_confirmation_template = "admin/erase.html"

    def get_actions(self, request: HttpRequest) -> Any:
        """One after the other, each by name: nobody erases fifty people by one click."""
        actions = super().get_actions(request)
        actions.pop("delete_selected", None)
        return actions

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: Any = None
    ) -> HttpResponse:
        person = self.get_object(request, unquote(object_id))
        if person and is_under_way(person):
            self.message_user(request, UNDER_WAY.format(name=person.get_username()))
            return redirect(_page_of(person.pk))
        more: dict[str, Any] = {}
        if person:
            is_refused = bool(self._refused(request, person))
            about = {"stays": _stays(person), "title": _("Erase")}
            more = {**about, "longest": REASON, "is_refused": is_refused}
        return super().delete_view(request, object_id, {**more, **(extra_context or {})})

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """What goes, in numbers, and why it does not. Nobody erases themselves, nor who has more rights."""
        chosen: list[User] = list(objs)
        counts = {User._meta.verbose_name_plural: len(chosen)}
        for table, owner in GOES.items():
            rows = table.objects.filter(**{f"{owner}__in": chosen})
            counts[NAMES.get(table) or table._meta.verbose_name_plural] = rows.count()
        kept = [why for person in chosen if (why := self._kept(request, person))]
        return [str(person) for person in chosen], counts, set(), kept

    def _kept(self, request: HttpRequest, person: User) -> str:
        name = person.get_username()
        is_named = request.POST.get("confirm", "").strip() == name
        unnamed = NOT_NAMED.format(name=name) if request.method == "POST" and not is_named else ""
        return self._refused(request, person) or unnamed

    def _refused(self, request: HttpRequest, person: User) -> str:
        """Whatever is typed."""
        name = person.get_username()
        if person == request.user:
            return YOURSELF.format(name=name)
        if not self.has_delete_permission(request, person):
            return name
        if holds.keeps_some_of(person):
            return kept_by_a_hold(person)
        return ""

    def _record(self, request: HttpRequest, what: str, obj: Any, **detail: Any) -> None:
        """That somebody was erased is put on record where it is done."""
        if what != "delete":
            super()._record(request, what, obj, **detail)

    def delete_model(self, request: HttpRequest, obj: User) -> None:
        erase(obj, Asked(reader(request), address_of(request), reason_in(request)))

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        for person in queryset:
            self.delete_model(request, person)

    def response_delete(self, request: HttpRequest, obj_display: str, obj_id: Any) -> HttpResponse:
        if not Erasure.objects.filter(person=obj_id).exists():
            return super().response_delete(request, obj_display, obj_id)
        self.message_user(request, UNDER_WAY.format(name=obj_display), messages.SUCCESS)
        return redirect(_page_of(obj_id))

    def _get_obj_does_not_exist_redirect(
        self, request: HttpRequest, opts: Any, object_id: str
    ) -> HttpResponse:
        """Django says that there is nobody (any more). Who may read of it is told what became of them."""
        gone = _erased(request, object_id)
        if gone is None:
            answer: HttpResponse = super()._get_obj_does_not_exist_redirect(  # type: ignore[misc]
                request, opts, object_id
            )
            return answer
        told = GONE.format(name=gone.owner, when=moment(gone.at))
        self.message_user(request, told, messages.SUCCESS)
        return redirect(reverse("admin:conversations_user_changelist"))


def _page_of(person: Any) -> str:
    return reverse("admin:conversations_user_change", args=[person])


def _erased(request: HttpRequest, person: str) -> AuditEntry | None:
    if not request.user.has_perm("conversations.view_auditentry"):
        return None
    theirs = AuditEntry.objects.filter(oversight.theirs(reader(request), "owner_id"))
    return theirs.filter(object_id=str(parsed(person)), action=ERASED).first()


def how_far(person: User) -> SafeString | str:
    """Nothing of who is not being erased."""
    erasure = Erasure.objects.filter(person=person).first()
    if erasure is None:
        return ""
    if holds.keeps_some_of(person):
        return shown(State(str(STOPPED), "warn"))
    if not erasure.gone:
        return shown(State(str(WAITING), "quiet"))
    share = min(99, 100 * erasure.gone // max(1, erasure.messages))
    words = FAR.format(share=share, count=number(erasure.messages))
    return shown(State(words, "quiet"))


def _stays(person: User) -> list[tuple[Any, str]]:
    """What is kept, and how many: without their name on the ledger, with it in the audit."""
    calls = ProviderCall.objects.filter(user=person).count()
    entries = AuditEntry.objects.filter(Q(actor_id=person.pk) | Q(owner_id=person.pk)).count()
    return [
        (_("Calls on the ledger, what they cost, and under which id: never a name or a word"), number(calls)),
        (_("Entries of the audit, with the user name"), number(entries)),
    ]  # fmt: skip
