"""Runs, and the calls to providers they made."""

from typing import Any

from django.contrib import admin
from django.db.models import F, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from conversations.admin import sent_requests
from conversations.admin.columns import at, money, number, seconds, summed
from conversations.admin.filters import ByModel, ByUser
from conversations.admin.site import desk
from conversations.admin.table import ReadOnly
from conversations.models import ProviderCall, Run

LINE_BREAK = SafeString("<br>")
SUMS = ("input_tokens", "output_tokens", "cost_micros")


@admin.register(Run, site=desk)
class Runs(ReadOnly):
    person = "user"
    list_display = (
        "created", "status", "model", "user", "seconds", "first_token", "tokens", "cost",
        "attempts", "error_code",
    )  # fmt: skip
    list_filter = ("status", ByModel, ByUser, "created_at")
    list_select_related = ("user",)
    people_first = True
    search_fields = ("user__username", "user__email", "model", "error_code")
    search_help_text = _(
        "The id of a run, message or conversation; or a person, model or error code."
    )
    ids = ("pk", "message", "conversation", "boot")
    ordering = ("-created_at",)
    fields = (
        "id", "status", "model", "user", "conversation", "message", "options", "created",
        "started", "first_token_came", "finished", "seconds", "first_token", "tokens", "cost",
        "attempts", "finish_reason", "error_code", "error_message", "length", "text_before", "boot", "calls",
    )  # fmt: skip
    created = at("created_at", _("created"))
    started = at("started_at", _("begun"))
    first_token_came = at("first_token_at", _("first token came"))
    finished = at("finished_at", _("finished"))

    def get_urls(self) -> list[Any]:
        return [*sent_requests.urls(self), *super().get_urls()]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Run]:
        rows: QuerySet[Run] = super().get_queryset(request)
        calls = ProviderCall.objects.all()
        sums: Any = {f"sum_{name}": summed(calls, "run", name) for name in SUMS}
        return rows.annotate(**sums)

    @admin.display(description=_("calls to the provider"))
    def calls(self, run: Run) -> str:
        """Each attempt with the id that the provider's support asks for, and what it really said."""
        made = ProviderCall.objects.filter(run=run.pk).order_by("purpose", "attempt")
        lines = [(call.outcome, call.request_id or "no request id", call.detail) for call in made]
        return format_html_join(LINE_BREAK, "{} · {} · {}", lines) or "–"

    @admin.display(description=_("seconds"), ordering=F("finished_at") - F("started_at"))
    def seconds(self, run: Run) -> str:
        return _between(run.started_at, run.finished_at)

    @admin.display(description=_("first token"), ordering=F("first_token_at") - F("started_at"))
    def first_token(self, run: Run) -> str:
        return _between(run.started_at, run.first_token_at)

    # Not to be sorted by, as their cost: every run's calls would be added up for that. The ledger can be.
    @admin.display(description=_("tokens in / out"))
    def tokens(self, run: Any) -> str:
        return f"{number(run.sum_input_tokens)} / {number(run.sum_output_tokens)}"

    @admin.display(description=_("cost"))
    def cost(self, run: Any) -> str:
        return money(run.sum_cost_micros)


def _between(begin: Any, end: Any) -> str:
    return seconds((end - begin).total_seconds() if begin and end else None)
