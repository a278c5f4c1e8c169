"""Filters beside the lists."""

from collections.abc import Iterator
from typing import Any

from django.contrib.admin import RelatedFieldListFilter, SimpleListFilter
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from conversations import oversight
from conversations.admin.table import reader
from conversations.admin.typed import Typed
from conversations.ids import parsed
from conversations.models import LanguageModel, Message, Run, User
from conversations.models.conversation import LIVE, Status

BROKEN = (Status.FAILED, Status.INTERRUPTED)
PEOPLE_OFFERED = 8


class ByPerson(Typed):
    """A part of a name or e-mail, then the people it could be: never all of them."""

    title = _("person")
    parameter_name = "person"
    label = _("Part of a name or e-mail")
    example = _("Name or e-mail")
    field = "owner"

    def __init__(self, request: HttpRequest, params: Any, model: Any, model_admin: Any) -> None:
        super().__init__(request, params, model, model_admin)
        self.known = oversight.people_seen_by(reader(request))

    def found(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        return rows.filter(**{f"{self.field}__in": self._people().values("pk")})

    @property
    def shown(self) -> str:
        """A name, also where the address holds an id."""
        chosen = self._people().first() if parsed(self.typed) else None
        return chosen.get_username() if chosen else self.typed

    def _people(self) -> QuerySet[User]:
        if id := parsed(self.typed):
            return self.known.filter(pk=id)
        named = Q(username__icontains=self.typed) | Q(email__icontains=self.typed)
        return self.known.filter(named)

    def choices(self, changelist: Any) -> Iterator[Any]:
        yield self._choice(changelist, gettext("All"), None, chosen=not self.typed)
        if self.typed:
            for person in self._people().order_by("username")[:PEOPLE_OFFERED]:
                chosen = self.typed == str(person.pk)
                yield self._choice(changelist, person.get_username(), person.pk, chosen=chosen)

    def _choice(self, changelist: Any, name: str, id: Any, *, chosen: bool) -> dict[str, Any]:
        if id is None:
            query = changelist.get_query_string(remove=[self.parameter_name])
        else:
            query = changelist.get_query_string({self.parameter_name: id})
        return {"selected": chosen, "query_string": query, "display": name}


class ByUser(ByPerson):
    field = "user"


class ByGroup(RelatedFieldListFilter):
    """Those of whom somebody is seen: what others are called is not for everybody."""

    def field_choices(self, field: Any, request: HttpRequest, model_admin: Any) -> list[Any]:
        known = oversight.groups_in(oversight.sight_of(reader(request)))
        return list(known.order_by("name").values_list("pk", "name"))


class ByModel(SimpleListFilter):
    """Those of the catalogue: to ask the rows for their models would read all of them."""

    title = _("model")
    parameter_name = "model"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        slugs = LanguageModel.objects.order_by("slug").values_list("slug", flat=True)
        return [(slug, slug) for slug in slugs]

    def has_output(self) -> bool:
        return True

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(model=self.value()) if self.value() else queryset


class ByState(SimpleListFilter):
    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[Any, str]]:
        return [
            ("live", gettext("Being answered now")),
            ("broken", gettext("Has failed or cut answers")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        here = {"conversation": OuterRef("pk")}
        if self.value() == "live":
            return queryset.filter(Exists(Run.objects.filter(**here, status__in=LIVE)))
        if self.value() == "broken":
            return queryset.filter(Exists(Message.objects.filter(**here, status__in=BROKEN)))
        return queryset
