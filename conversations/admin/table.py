"""What all our tables in the admin have in common."""

from contextlib import nullcontext
from typing import TYPE_CHECKING, Any, cast
from uuid import UUID

from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import BadRequest, ValidationError
from django.db import transaction
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from conversations import audit, oversight
from conversations.admin import searching
from conversations.admin.choosing import Chosen
from conversations.admin.many import List, Many
from conversations.errors import Conflict, Words
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


# What JSON has a form for.
PLAIN = (str, int, float, type(None))
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
    # What an empty list says: what follows from it, or what comes to stand here.
    nothing: Words = _("There is nothing here yet.")
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
        search_term = searching.bounded(search_term)
        id: UUID | None = parsed(search_term)
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

    # Of these columns also what they were and what they are: amounts and choices, no words and no keys.
    valued: tuple[str, ...] = ()
    # Actions that wait for somebody else, or for the reader: no transaction is open meanwhile.
    unhurried: tuple[str, ...] = ()

    def response_action(self, request: HttpRequest, *args: Any, **more: Any) -> Any:
        """Django has a transaction around its pages, and none around an action of a list."""
        is_unhurried = set(request.POST.getlist("action")) <= set(self.unhurried)
        try:
            with nullcontext() if is_unhurried else transaction.atomic():
                return super().response_action(request, *args, **more)
        except Conflict as refusal:
            return self._not_done(request, refusal)

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: Any = None
    ) -> HttpResponse:
        try:
            answer: HttpResponse = super().delete_view(request, object_id, extra_context)
        except Conflict as refusal:
            return self._not_done(request, refusal)
        return answer

    def _not_done(self, request: HttpRequest, refusal: Conflict) -> HttpResponse:
        """By what came since the page was made, such as a legal hold: the same page anew says how it is."""
        self.message_user(request, str(refusal), messages.ERROR)
        return redirect(request.get_full_path())

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if change and self.valued:
            rows: Any = self.opts.default_manager
            obj.was = self._values(rows.get(pk=obj.pk))
        super().save_model(request, obj, form, change)

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        self._record(request, "add", obj, **self._as_it_is(obj))
        return super().log_addition(request, obj, message)

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        self._record(
            request, "change", obj, fields=_changed(message), **self._before_and_after(obj)
        )
        return super().log_change(request, obj, message)

    def log_deletions(self, request: HttpRequest, queryset: Any) -> Any:
        for obj in queryset:
            self._record(request, "delete", obj, **self._as_it_is(obj))
        return super().log_deletions(request, queryset)

    def _values(self, obj: Any) -> dict[str, Any]:
        columns: list[Any] = [self.opts.get_field(name) for name in self.valued]
        fields = {column.name: column.value_from_object(obj) for column in columns}
        return {
            name: value if isinstance(value, PLAIN) else str(value)
            for name, value in fields.items()
        }

    def _as_it_is(self, obj: Any) -> dict[str, Any]:
        values = {
            name: value for name, value in self._values(obj).items() if value not in (None, "")
        }
        return {"values": values} if values else {}

    def _before_and_after(self, obj: Any) -> dict[str, Any]:
        was, now = getattr(obj, "was", {}), self._values(obj)
        changed = {name: [was[name], now[name]] for name in was if was[name] != now[name]}
        return {"changed": changed} if changed else {}

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
