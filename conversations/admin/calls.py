"""The ledger: each call to a provider, what those come to that are shown, and how one is put right."""

from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin import SimpleListFilter
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Count, OuterRef, QuerySet, Subquery, Sum
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from conversations.admin.columns import amount, moment, money, number, seconds
from conversations.admin.correcting import Right
from conversations.admin.exporting import Exported
from conversations.admin.filters import ByModel, ByUser
from conversations.admin.site import desk
from conversations.admin.table import ReadOnly, record
from conversations.admin.typed import ByDay
from conversations.exports.kinds import LEDGER
from conversations.ids import parsed
from conversations.models import ProviderCall, User
from conversations.usage import corrections
from conversations.usage.corrections import CORRECTION
from conversations.usage.ledger import CACHED, LOST

# Added up in a tenth of a second; what is more is on the dashboard, day by day.
ADDED_UP = 100_000
AMOUNTS = ("input_tokens", "cached_input_tokens", "output_tokens", "cost_micros")
MONTH, ALL = "30", "all"
# In days.
TIMES = {
    ALL: _("All"), "1": _("Today"), "7": _("7 days"), MONTH: _("30 days"), "365": _("A year"),
}  # fmt: skip
# Of so few calls the dearest is found at once.
SORTED_WITHIN = ("1", "7")
NO_TROUBLE = ("ok", "cancelled", CACHED, CORRECTION)
# What bounds a list by itself: the index by person and time, one day, a time from here to there.
BOUNDS = ("person", "day", "at__gte", "at__lt", "at__lte")
NOT_ONE = _("Choose one call that is to be put right, and no correction.")
RIGHT_NOW = _("The call comes to that already. Nothing was added.")
PUT_RIGHT = _("A correction was added. The call itself stays as it is.")


class ByTime(SimpleListFilter):
    """A month, where nobody has asked for more: to look for one rare call takes reading them all."""

    title = _("time")
    parameter_name = "time"

    def __init__(self, request: HttpRequest, params: Any, model: Any, model_admin: Any) -> None:
        super().__init__(request, params, model, model_admin)
        usual = ALL if _is_bounded(request) else MONTH
        # Also where nobody chose it.
        self.holds = chosen if (chosen := self.value()) in TIMES else usual

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [*TIMES.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.holds == ALL:
            return queryset
        return queryset.filter(at__gte=timezone.now() - timedelta(days=int(self.holds)))

    def choices(self, changelist: Any) -> Any:
        """Marked is what holds, chosen or not."""
        for name, said in self.lookup_choices:
            way = changelist.get_query_string({self.parameter_name: name})
            yield {"selected": name == self.holds, "query_string": way, "display": said}


def _is_bounded(request: HttpRequest) -> bool:
    return bool(parsed(request.GET.get("q", "").strip())) or any(
        request.GET.get(name) for name in BOUNDS
    )


# What a provider answers when it goes wrong keeps the name that programs know.
OUTCOMES = {
    "ok": _("answered"),
    "cancelled": _("stopped"),
    CACHED: _("given again"),
    LOST: _("lost with its process"),
    CORRECTION: _("correction"),
}


class ByOutcome(SimpleListFilter):
    title = _("outcome")
    parameter_name = "outcome"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [*OUTCOMES.items(), ("trouble", _("went wrong"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() == "trouble":
            return queryset.exclude(outcome__in=NO_TROUBLE)
        return queryset.filter(outcome=self.value()) if self.value() else queryset


class ByCaller(ByUser):
    """Also by the id of somebody who was erased: it is all that is left of them here."""

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if id := parsed(self.typed):
            return queryset.filter(user_id=id)
        return super().queryset(request, queryset)


@admin.register(ProviderCall, site=desk)
class ProviderCalls(Exported, ReadOnly):
    kind = LEDGER
    person = "user"
    change_list_template = "admin/calls.html"
    list_display = (
        "when", "caller", "model", "purpose", "cost", "tokens", "result", "took", "first_token", "provider",
        "attempt", "is_estimated",
    )  # fmt: skip
    list_filter = (
        ByTime, ByDay, ByCaller, "purpose", ByModel, ByOutcome, "estimated", "at",
    )  # fmt: skip
    people_first = True
    search_fields = ("user__username", "user__email", "model", "request_id__exact")
    search_help_text = _("The id of a call, run or conversation; or a person, model or request id.")
    ids = ("pk", "run", "conversation", "corrects")
    ordering = ("-at",)
    actions = ("put_right",)
    fields = (
        "id", "when", "purpose", "prompt", "provider", "model", "caller", "person_id", "conversation", "run",
        "attempt", "result", "detail", "request_id", "estimated", "read", "cached",
        "in_pictures", "written", "thought", "cost", "price_version", "first_token", "took",
        "corrects", "comes_to",
    )  # fmt: skip
    read = amount("input_tokens", _("input tokens"))
    cached = amount("cached_input_tokens", _("of them cached"))
    in_pictures = amount("image_tokens", _("of them in pictures"))
    written = amount("output_tokens", _("output tokens"))
    thought = amount("reasoning_tokens", _("of them reasoning"))

    def get_queryset(self, request: HttpRequest) -> QuerySet[ProviderCall]:
        """Names beside the rows, not by a join: Django takes it for granted that whoever a row names is
        there, and leaves out those of people who were erased."""
        rows: QuerySet[ProviderCall] = super().get_queryset(request)
        person = User.objects.filter(pk=OuterRef("user_id")).values("username")
        return rows.annotate(username=Subquery(person))

    def get_sortable_by(self, request: HttpRequest) -> Any:
        """Many by time alone: no index knows the dearest call, and to find it takes reading them all."""
        asked = request.GET
        few = asked.get("person") or asked.get("day") or asked.get("time") in SORTED_WITHIN
        return self.list_display if few else ("when",)

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        answer = super().changelist_view(request, extra_context)
        if isinstance(answer, TemplateResponse) and answer.context_data:
            shown = answer.context_data.get("cl")
            answer.context_data["sums"] = _sums(shown.queryset) if shown else None
        return answer

    def has_put_right_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("conversations.add_providercall")

    @admin.action(description=_("Put this call right"), permissions=["put_right"])
    def put_right(self, request: HttpRequest, chosen: QuerySet[ProviderCall]) -> Any:
        """The form, and once it is filled in the row that it makes."""
        if not self.has_put_right_permission(request):
            raise PermissionDenied
        calls = list(chosen[:2])
        if len(calls) != 1 or calls[0].corrects:
            self.message_user(request, NOT_ONE, messages.WARNING)
            return None
        is_said = "confirmed" in request.POST
        known = corrections.standing(calls[0])
        form = Right(request.POST if is_said else None, initial=Right.as_it_is(known))
        if not is_said or not form.is_valid():
            return self._asked(request, calls[0], form)
        row = _correct(request, calls[0], form)
        said, level = (PUT_RIGHT, messages.SUCCESS) if row else (RIGHT_NOW, messages.WARNING)
        self.message_user(request, said, level)
        return None

    def _asked(self, request: HttpRequest, call: ProviderCall, form: forms.Form) -> HttpResponse:
        about = {"title": _("Put this call right"), "opts": self.opts, "call": call, "form": form}
        context = {**self.admin_site.each_context(request), **about, "chosen": ACTION_CHECKBOX_NAME}
        return TemplateResponse(request, "admin/put_right.html", context)

    @admin.display(description=_("when"), ordering="at")
    def when(self, call: ProviderCall) -> str:
        return moment(call.at)

    @admin.display(description=_("person"))
    def caller(self, call: Any) -> str:
        """Who was erased has left an id."""
        if call.user_id is None:
            return "–"
        return call.username or gettext("erased, {id}").format(id=call.user_id)

    @admin.display(description=_("id of the person"))
    def person_id(self, call: ProviderCall) -> str:
        return str(call.user_id or "–")

    @admin.display(description=_("outcome"), ordering="outcome")
    def result(self, call: ProviderCall) -> str:
        return str(OUTCOMES.get(call.outcome, call.outcome))

    @admin.display(description=_("tokens in / out"), ordering="output_tokens")
    def tokens(self, call: ProviderCall) -> str:
        return f"{number(call.input_tokens)} / {number(call.output_tokens)}"

    @admin.display(description=_("estimated"), boolean=True, ordering="estimated")
    def is_estimated(self, call: ProviderCall) -> bool:
        return call.estimated

    @admin.display(description=_("cost"), ordering="cost_micros")
    def cost(self, call: ProviderCall) -> str:
        return money(call.cost_micros)

    @admin.display(description=_("seconds"), ordering="seconds")
    def took(self, call: ProviderCall) -> str:
        return seconds(call.seconds)

    @admin.display(description=_("first token"), ordering="first_token_seconds")
    def first_token(self, call: ProviderCall) -> str:
        return seconds(call.first_token_seconds)

    @admin.display(description=_("with its corrections"))
    def comes_to(self, call: ProviderCall) -> str:
        known = corrections.standing(call)
        tokens = f"{number(known['input_tokens'])} / {number(known['output_tokens'])}"
        return f"{tokens}, {money(known['cost_micros'])}"


def _correct(request: HttpRequest, call: ProviderCall, form: Right) -> ProviderCall | None:
    with transaction.atomic():
        row = corrections.correct(call, form.right(), form.cleaned_data["note"])
        if row is not None:
            note = form.cleaned_data["note"]
            record(request, "ledger.correct", call, reason=note, correction=str(row.pk))
    return row


def _sums(rows: QuerySet[ProviderCall]) -> dict[str, str] | None:
    """What the calls come to that the filters leave. None: there are too many to add up here."""
    # Without the names beside them, which would be looked up for each.
    bare = rows.order_by().values("pk", "attempt", *AMOUNTS)
    some = bare[: ADDED_UP + 1].aggregate(
        rows=Count("pk"),
        calls=Count("attempt"),
        read=Sum("input_tokens"),
        cached=Sum("cached_input_tokens"),
        wrote=Sum("output_tokens"),
        cost=Sum("cost_micros"),
    )
    if some["rows"] > ADDED_UP:
        return None
    sums = {name: number(some[name] or 0) for name in ("calls", "read", "cached", "wrote")}
    return {**sums, "cost": money(some["cost"])}
