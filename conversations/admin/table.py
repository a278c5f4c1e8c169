"""What all our tables in the admin have in common."""

from typing import TYPE_CHECKING, Any, cast
from uuid import UUID

from django.contrib.admin import ModelAdmin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import BadRequest, ValidationError
from django.db import transaction
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.text import capfirst

from conversations import audit, oversight
from conversations.admin import searching
from conversations.admin.choosing import Chosen
from conversations.admin.many import List, Many
from conversations.ids import parsed
from conversations.models import User

if TYPE_CHECKING:
    Base = ModelAdmin[Any]
else:
    Base = ModelAdmin


def reader(request: HttpRequest) -> User:
    return cast("User", request.user)  # admin_view has looked


def record(request: HttpRequest, action: str, thing: Model, **detail: Any) -> None:
    owner = thing if isinstance(thing, User) else getattr(thing, "owner", None)
    address = audit.address_of(request)
    audit.record(reader(request), action, thing, owner=owner, address=address, **detail)


# Of a table that has not said whose its rows are: who sees some people only sees none of it.
UNSAID = ""


class Table(Base):
    """Lists are filtered by the filters they show and by nothing else.

    Django allows `?column__contains=` for every column of a table, also for one that is not shown:
    whoever may see a list could guess their way to words that only a transcript shows.
    """

    # The way from a row to the person whose it is ("owner", "message__user", "pk" for the people
    # themselves); None: nobody's. Lists, pages, actions, searches and choices go by it.
    person: str | None = UNSAID
    # Rules of the site of which some are about one person: those about nobody are everybody's.
    of_all_too = False
    list_per_page = 50
    show_full_result_count = False
    paginator = Many
    # Of long lists: people and models are looked up before their rows (searching.py).
    people_first = False
    # Identifiers in which a search finds exactly one.
    ids: tuple[str, ...] = ("pk",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows: QuerySet[Any] = super().get_queryset(request)
        return rows.filter(self.theirs(request))

    def get_changelist(self, request: HttpRequest, **more: Any) -> type[ChangeList]:
        return List

    def theirs(self, request: HttpRequest) -> Q:
        """What stands here and belongs to whom this reviewer may see."""
        if self.person is None:
            return oversight.EVERYBODY
        if self.person == UNSAID:
            return oversight.nothing(reader(request))
        theirs = oversight.theirs(reader(request), self.person)
        return theirs | Q(**{self.person: None}) if theirs and self.of_all_too else theirs

    def get_field_queryset(self, db: Any, db_field: Any, request: HttpRequest) -> Any:
        """Who may not see somebody cannot choose them or theirs either, whatever is posted."""
        rows = super().get_field_queryset(db, db_field, request)
        model = db_field.remote_field.model
        if not self.admin_site.is_registered(model):
            return rows
        table = self.admin_site.get_model_admin(model)
        if not isinstance(table, Table) or table.person is None:
            return rows
        return (QuerySet(model) if rows is None else rows).filter(table.theirs(request))

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """A list is called by what is in it: Django's "Select user to change" is an order."""
        name = capfirst(str(self.opts.verbose_name_plural))
        answer: HttpResponse = super().changelist_view(
            request, {"title": name, **(extra_context or {})}
        )
        return answer

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """Where nothing narrows a list nobody needs a way back to all of it."""
        page = super().get_changelist_instance(request)
        if not page.params and not page.query:
            page.full_result_count = page.result_count
        return page

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **more: Any) -> Any:
        if db_field.name in self.get_autocomplete_fields(request):
            more.setdefault("widget", Chosen(db_field, self.admin_site))
        return super().formfield_for_foreignkey(db_field, request, **more)

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        name = lookup.partition("__")[0]
        return name in self._shown() and super().lookup_allowed(lookup, value, request)

    def _shown(self) -> set[str]:
        """The first word of what the filters beside this list may put into its address."""
        names = set()
        for entry in self.list_filter:
            field: Any = entry[0] if isinstance(entry, tuple) else entry
            names.add(getattr(field, "parameter_name", field).partition("__")[0])
        return names

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """An id is looked up, words are searched for."""
        id: UUID | None = parsed(search_term.strip())
        if id is None and self.people_first:
            return queryset.filter(searching.meant(tuple(self.search_fields), search_term)), False
        if id is None:
            return super().get_search_results(request, queryset, search_term)
        found = queryset.none()
        for field in self.ids:
            found = found | queryset.filter(**{field: id})
        return found, False

    def response_action(self, request: HttpRequest, *args: Any, **more: Any) -> Any:
        """Django would ask Postgres for what no row can be called by."""
        for chosen in request.POST.getlist(ACTION_CHECKBOX_NAME):
            try:
                self.opts.pk.to_python(chosen)
            except ValidationError:
                raise BadRequest from None
        return super().response_action(request, *args, **more)


class OnRecord(Table):
    """What is added, changed or deleted here is written to the audit, in the same transaction."""

    @transaction.atomic
    def response_action(self, *args: Any, **more: Any) -> Any:
        """Django has a transaction around its pages, and none around an action of a list."""
        return super().response_action(*args, **more)

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        self._record(request, "add", obj)
        return super().log_addition(request, obj, message)

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        self._record(request, "change", obj, fields=_changed(message))
        return super().log_change(request, obj, message)

    def log_deletions(self, request: HttpRequest, queryset: Any) -> Any:
        for obj in queryset:
            self._record(request, "delete", obj)
        return super().log_deletions(request, queryset)

    def _record(self, request: HttpRequest, what: str, obj: Any, **detail: Any) -> None:
        record(request, f"{self.opts.model_name}.{what}", obj, **detail)


def _changed(message: Any) -> list[str]:
    """The fields that Django says were changed; never what stood in them."""
    if not isinstance(message, list):
        return []
    return [name for part in message for name in part.get("changed", {}).get("fields", [])]


class ReadOnly(Table):
    """Nobody changes these here, an administrator neither."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
