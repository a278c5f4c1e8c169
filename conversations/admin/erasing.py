"""Erasing a person: what goes and what stays is said in numbers; who does it types the name."""

from typing import Any

from allauth.usersessions.models import UserSession
from django.contrib.admin.utils import unquote
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from conversations import holds
from conversations.accounts.erase import erase
from conversations.admin.asking import reason_in
from conversations.admin.columns import number
from conversations.admin.holds import kept_by_a_hold
from conversations.admin.table import OnRecord
from conversations.models import (
    AuditEntry,
    Conversation,
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
        more: dict[str, Any] = {}
        if person:
            is_refused = bool(self._refused(request, person))
            more = {"stays": _stays(person), "longest": REASON, "is_refused": is_refused}
        return super().delete_view(request, object_id, {**more, **(extra_context or {})})

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """What goes, in numbers, and why it does not. Nobody erases themselves, nor who has more rights."""
        chosen: list[User] = list(objs)
        counts = {User._meta.verbose_name_plural: len(chosen)}
        for table, owner in GOES.items():
            rows = table.objects.filter(**{f"{owner}__in": chosen})
            counts[table._meta.verbose_name_plural] = rows.count()
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
        why = {"reason": reason_in(request)} if what == "delete" else {}
        super()._record(request, what, obj, **why, **detail)

    def delete_model(self, request: HttpRequest, obj: User) -> None:
        erase(obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        for person in queryset:
            erase(person)


def _stays(person: User) -> list[tuple[Any, str]]:
    """What is kept, and how many: without their name on the ledger, with it in the audit."""
    calls = ProviderCall.objects.filter(user=person).count()
    entries = AuditEntry.objects.filter(Q(actor_id=person.pk) | Q(owner_id=person.pk)).count()
    return [
        (_("Calls on the ledger, what they cost, and under which id: never a name or a word"), number(calls)),
        (_("Entries of the audit, with the user name"), number(entries)),
    ]  # fmt: skip
