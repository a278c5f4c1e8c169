"""Which reviewers see whose conversations, pictures and runs. Without a row here they see everybody's."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from conversations.admin.site import desk
from conversations.admin.table import OnRecord, reader
from conversations.models import Oversight


@admin.register(Oversight, site=desk)
class Oversights(OnRecord):
    """For administrators alone: who may widen their own sight is not limited."""

    person = None
    nothing = _("Every reviewer sees everybody.")
    list_display = ("reviewers", "people")
    valued = ("reviewers", "people")
    list_select_related = ("reviewers", "people")
    search_fields = ("reviewers__name", "people__name")
    search_help_text = _("The name of a group.")
    ids = ()
    ordering = ("reviewers__name", "people__name")

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return reader(request).is_superuser

    has_change_permission = has_delete_permission = has_view_permission

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)
