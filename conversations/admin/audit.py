"""Who read and did what. Postgres refuses to change a row; here nobody is even offered it."""

from ipaddress import ip_address
from typing import Any

from django.contrib import admin
from django.db import connection
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from conversations.admin.columns import moment
from conversations.admin.exporting import Exported
from conversations.admin.filters import ByPerson
from conversations.admin.site import desk
from conversations.admin.table import ReadOnly
from conversations.admin.typed import ByAddress, ByDay, ByObject
from conversations.exports.kinds import AUDIT
from conversations.ids import parsed
from conversations.models import AuditEntry

# From each action to the next one, by the index: `DISTINCT` would read the whole table.
ACTIONS = """
WITH RECURSIVE known AS (
    (SELECT action FROM conversations_auditentry ORDER BY action LIMIT 1)
    UNION ALL
    SELECT (SELECT action FROM conversations_auditentry WHERE action > known.action ORDER BY action LIMIT 1)
    FROM known WHERE known.action IS NOT NULL
)
SELECT action FROM known WHERE action IS NOT NULL
"""


class ByParty(ByPerson):
    """Who did it, or whose it was; also by the name of somebody who is gone."""

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if not self.typed:
            return queryset
        if id := parsed(self.typed):
            return queryset.filter(Q(actor_id=id) | Q(owner_id=id))
        return queryset.filter(Q(actor__istartswith=self.typed) | Q(owner__istartswith=self.typed))


class ByAction(admin.SimpleListFilter):
    title = _("action")
    parameter_name = "action"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[Any, str]]:
        with connection.cursor() as cursor:
            cursor.execute(ACTIONS)
            return [(action, action) for (action,) in cursor.fetchall()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(action=self.value()) if self.value() else queryset


@admin.register(AuditEntry, site=desk)
class AuditEntries(Exported, ReadOnly):
    kind = AUDIT
    person = "owner_id"
    list_display = ("when", "actor", "acted_as", "action", "thing", "owner", "address", "reason")
    # What an index knows: by a name or a reason it would take reading all of them.
    sortable_by = ("when", "action", "address")
    list_filter = (ByParty, ByDay, ByAddress, ByObject, ByAction, "acted_as")
    search_fields = ("^actor", "^owner", "^action", "object_id__exact")
    search_help_text = _(
        "The beginning of a name or an action, an address, or the id of a person or thing."
    )
    ids = ("pk", "actor_id", "owner_id", "object_id")
    ordering = ("-at",)
    fields = (
        "when", "actor", "actor_id", "acted_as", "action", "reason", "thing", "owner", "owner_id",
        "address", "detail",
    )  # fmt: skip
    readonly_fields = ("when", "thing")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        try:
            return queryset.filter(address=str(ip_address(search_term.strip()))), False
        except ValueError:
            return super().get_search_results(request, queryset, search_term)

    @admin.display(description=_("when"), ordering="at")
    def when(self, entry: AuditEntry) -> str:
        return moment(entry.at)

    @admin.display(description=_("object"))
    def thing(self, entry: AuditEntry) -> str:
        """A way there: it may be gone, and the entry stays."""
        told = f"{entry.object_type} {entry.object_id}".strip()
        try:
            page = f"admin:conversations_{entry.object_type}_change"
            return format_html('<a href="{}">{}</a>', reverse(page, args=[entry.object_id]), told)
        except NoReverseMatch:
            return told
