"""A table of one row: its list is the page on which that row is changed."""

from typing import Any, ClassVar

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from conversations.admin.table import OnRecord

SAVED = _("The settings are saved, and in force.")


class OneRow(OnRecord):
    row: ClassVar[int]

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
        return self._to_the_row()

    def get_object(self, request: HttpRequest, object_id: str, from_field: Any = None) -> Any:
        """Whoever comes first makes the row, in which nothing is settled yet."""
        if object_id != str(self.row):
            return None
        rows: Any = self.opts.default_manager
        return rows.get_or_create(pk=self.row)[0]

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: Any = None,
        form_url: str = "",
        extra_context: Any = None,
    ) -> HttpResponse:
        """Named once: there is no other row to tell it from."""
        name = capfirst(str(self.opts.verbose_name_plural))
        named = {"title": name, "subtitle": None, **(extra_context or {})}
        answer: HttpResponse = super().changeform_view(request, object_id, form_url, named)
        return answer

    def message_user(self, request: HttpRequest, message: Any, *args: Any, **more: Any) -> None:
        """Django's own sentence is about one row of many, and names it."""
        super().message_user(request, SAVED, *args, **more)

    def response_post_save_change(self, request: HttpRequest, obj: Any) -> HttpResponseRedirect:
        return self._to_the_row()

    def _to_the_row(self) -> HttpResponseRedirect:
        return redirect(f"admin:conversations_{self.opts.model_name}_change", self.row)
