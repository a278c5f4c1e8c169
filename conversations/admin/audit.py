"""Who read and did what. Postgres refuses to change a row; here nobody is even offered it."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from conversations.admin.columns import moment
from conversations.admin.site import desk
from conversations.admin.table import ReadOnly
from conversations.models import AuditEntry


@admin.register(AuditEntry, site=desk)
class AuditEntries(ReadOnly):
    person = "owner_id"
    list_display = ("when", "actor", "action", "thing", "owner", "address")
    list_filter = (("action", admin.AllValuesFieldListFilter), "at")
    search_fields = ("actor", "owner", "action", "object_id", "address")
    search_help_text = _("A name, an action, an address, or the id of a person or thing.")
    ids = ("pk", "actor_id", "owner_id", "object_id")
    ordering = ("-at",)

    @admin.display(description=_("when"), ordering="at")
    def when(self, entry: AuditEntry) -> str:
        return moment(entry.at)

    @admin.display(description=_("object"), ordering="object_type")
    def thing(self, entry: AuditEntry) -> str:
        return f"{entry.object_type} {entry.object_id}"
