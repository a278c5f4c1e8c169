"""What is looked up while somebody types: for fields of forms that offer it, and for who may open the form.

Django's own view takes any table and any name of a relation, also one from the other side, which it does
not expect and stumbles over.
"""

from typing import Any, cast

from django.apps import apps
from django.contrib.admin import AdminSite
from django.contrib.admin.exceptions import NotRegistered
from django.contrib.admin.views.autocomplete import AutocompleteJsonView
from django.contrib.admin.widgets import AutocompleteSelect
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

CHOOSE = _("Choose…")


class Chosen(AutocompleteSelect):
    def build_attrs(self, base_attrs: Any, extra_attrs: Any = None) -> Any:
        """Django leaves it without a word while nothing is chosen: nobody would hear what it is."""
        return {**super().build_attrs(base_attrs, extra_attrs), "data-placeholder": str(CHOOSE)}


class Choosing(AutocompleteJsonView):
    def process_request(self, request: HttpRequest) -> Any:
        table = self._table(request)
        is_offered = request.GET.get("field_name") in table.get_autocomplete_fields(request)
        may = table.has_add_permission(request) or table.has_view_or_change_permission(request)
        if not (is_offered and may):
            raise PermissionDenied
        return super().process_request(request)

    def _table(self, request: HttpRequest) -> Any:
        try:
            model = apps.get_model(request.GET["app_label"], request.GET["model_name"])
            return cast("AdminSite", self.admin_site).get_model_admin(model)
        except (KeyError, LookupError, NotRegistered):
            raise PermissionDenied from None
