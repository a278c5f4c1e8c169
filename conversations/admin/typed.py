"""Filters to type into, where what there is to choose would be too much to list."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from ipaddress import ip_address
from typing import Any, ClassVar

from django.contrib.admin import SimpleListFilter
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _


class Typed(SimpleListFilter, ABC):
    """What cannot be meant (no such day) finds nothing: that is seen, an error page is not needed."""

    template = "admin/filters/typed.html"
    kind: ClassVar = "search"
    label: ClassVar[Any] = ""  # for screen readers, where it is not the title
    example: ClassVar[Any] = ""

    def __init__(self, request: HttpRequest, params: Any, model: Any, model_admin: Any) -> None:
        super().__init__(request, params, model, model_admin)
        ours = (self.parameter_name, "p")
        self.others = [(name, value) for name, value in request.GET.items() if name not in ours]

    def has_output(self) -> bool:
        return True

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[Any, str]]:
        return []

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if not self.typed:
            return queryset
        try:
            return self.found(queryset)
        except (ValueError, OverflowError):
            return queryset.none()

    @abstractmethod
    def found(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """Those rows that are meant. Raises ValueError where nothing can be."""

    @property
    def typed(self) -> str:
        return (self.value() or "").strip()

    @property
    def shown(self) -> str:
        """What stands in the field."""
        return self.typed

    def choices(self, changelist: Any) -> Iterator[Any]:
        """The way back to all."""
        if self.typed:
            query = changelist.get_query_string(remove=[self.parameter_name])
            yield {"selected": False, "query_string": query, "display": gettext("All")}


class ByDay(Typed):
    title = _("day")
    parameter_name = "day"
    kind = "date"

    def found(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        midnight = datetime.combine(date.fromisoformat(self.typed), time())
        ends = timezone.make_aware(midnight + timedelta(days=1))
        return rows.filter(at__gte=timezone.make_aware(midnight), at__lt=ends)


class ByAddress(Typed):
    title = _("address")
    parameter_name = "from"
    example = "192.0.2.7"

    def found(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        return rows.filter(address=str(ip_address(self.typed)))


class ByObject(Typed):
    title = _("object")
    parameter_name = "about"
    example = _("Its id")

    def found(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        return rows.filter(object_id=self.typed)
