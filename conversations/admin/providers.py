"""Providers: whom questions go to. A key goes in and never comes out again."""

from functools import partial
from typing import Any

from django.contrib import admin, messages
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest
from django.utils.formats import number_format
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from conversations.admin.columns import number, shown
from conversations.admin.on_offer import OfTheCatalogue, state_of_provider
from conversations.admin.provider_forms import ForProvider, LimitsOfProvider
from conversations.admin.site import desk
from conversations.admin.standing import used_of
from conversations.admin.table import record
from conversations.admin.trouble import error_of, last_error_of
from conversations.errors import Invalid
from conversations.models import Provider
from conversations.models.catalogue import ProviderKind
from conversations.provider import fetch
from conversations.provider.customs import VENDORS
from conversations.provider.fetch import Unreachable
from conversations.runs import circuit

# As much as a list has room for; the page of the provider has more.
ERROR_CHARACTERS = 80
# Where calls go and with which key: whoever could change that could have every key sent to themselves.
WHERE = ("name", "kind", "base_url", "api_version", "key_from", "key_name")


@admin.register(Provider, site=desk)
class Providers(OfTheCatalogue):
    person = None
    form = ForProvider
    valued = (
        "name", "kind", "base_url", "api_version", "is_enabled", "key_from", "key_name",
        "concurrent_calls", "requests_per_minute", "tokens_per_minute", "failures_in_a_row",
    )  # fmt: skip
    list_display = ("name", "state", "error", "models_on_offer", "base_url")
    list_select_related = ("circuit",)
    list_filter = ("kind", "is_enabled")
    search_fields = ("name", "base_url")
    search_help_text = _("A name or an address.")
    ids = ()
    ordering = ("name",)
    actions = ("test_connection", "fetch_models", "ask_again")
    unhurried = ("test_connection", "fetch_models")
    stands = (_("How it stands"), {"fields": ("state", "last_error", "used_now")})
    fieldsets = (
        (None, {"fields": ("name", "kind", "base_url", "api_version", "is_enabled", "seen")}),
        (_("Key"), {"fields": ("key_from", "key_name", "key")}),
        (
            _("Limits of the provider"),
            {
                "fields": (
                    "concurrent_calls", "requests_per_minute", "tokens_per_minute",
                    "failures_in_a_row",
                )
            },
        ),
        (
            _("On the way there"),
            {
                "classes": ("collapse",),
                "fields": (
                    "proxy", "connect_seconds", "first_token_seconds", "between_tokens_seconds",
                    "answer_seconds",
                ),
            },
        ),
    )  # fmt: skip

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_add_permission(request) and _may_say_where(request)

    def get_form(self, request: HttpRequest, *args: Any, **more: Any) -> Any:
        more.setdefault("form", ForProvider if _may_say_where(request) else LimitsOfProvider)
        return super().get_form(request, *args, **more)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        stands = () if obj is None else self.stands[1]["fields"]
        return stands if _may_say_where(request) else (*stands, *WHERE)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """A proxy's address may hold a password. What is not there yet does not stand in any way."""
        hidden = set() if _may_say_where(request) else {"key", "proxy"}
        shown = self.fieldsets if obj is None else (self.stands, *self.fieldsets)
        return [
            (name, {**options, "fields": [one for one in options["fields"] if one not in hidden]})
            for name, options in shown
        ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Provider]:
        rows: QuerySet[Provider] = super().get_queryset(request)
        return rows.annotate(enabled=Count("models", filter=Q(models__is_enabled=True)))

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if change and {*WHERE, "key"} & set(form.changed_data):
            circuit.close(obj.name)  # what was known is of another key, or of another server

    @admin.display(description=_("state"))
    def state(self, provider: Provider) -> str:
        return shown(state_of_provider(provider))

    @admin.display(description=_("models enabled"), ordering="enabled")
    def models_on_offer(self, provider: Any) -> str:
        return number(provider.enabled)

    @admin.display(description=_("last error"))
    def error(self, provider: Provider) -> str:
        return Truncator(error_of(provider)).chars(ERROR_CHARACTERS)

    @admin.display(description=_("last error"))
    def last_error(self, provider: Provider) -> str:
        return last_error_of(provider)

    @admin.display(description=_("of what it allows"))
    def used_now(self, provider: Provider) -> str:
        return used_of(provider)

    @admin.action(description=_("Ask it again now"), permissions=["change"])
    def ask_again(self, request: HttpRequest, queryset: QuerySet[Provider]) -> None:
        for provider in queryset:
            if circuit.close(provider.name):
                record(request, "provider.ask_again", provider)
            told = _("“{provider}” is asked as usual.").format(provider=provider.name)
            messages.success(request, told)

    @admin.action(description=_("Test the connection"), permissions=["change"])
    def test_connection(self, request: HttpRequest, queryset: QuerySet[Provider]) -> None:
        for provider in queryset:
            record(request, "provider.test", provider)
            try:
                answered = fetch.test(provider)
            except (Invalid, Unreachable) as problem:
                messages.error(request, _sentence(provider, problem))
                continue
            if provider.kind in VENDORS:  # others may list their models without looking at a key
                circuit.takes_the_key(provider.name)
            messages.success(request, _answered(provider, answered))

    @admin.action(description=_("Fetch its models"), permissions=["change"])
    def fetch_models(self, request: HttpRequest, queryset: QuerySet[Provider]) -> None:
        for provider in queryset:
            try:
                new = fetch.fetch(provider, partial(record, request, "languagemodel.fetch"))
            except (Invalid, Unreachable) as problem:
                messages.error(request, _sentence(provider, problem))
                continue
            messages.success(request, _fetched(provider, len(new)))
            if guesses := sum(row.is_window_guessed for row in new):
                messages.warning(request, _guessed(provider, guesses))


def _may_say_where(request: HttpRequest) -> bool:
    return bool(request.user.is_superuser)


def _answered(provider: Provider, answered: fetch.Answered) -> str:
    seconds = number_format(answered.seconds, decimal_pos=1)
    if provider.kind == ProviderKind.AZURE:  # it lists what could be deployed there
        return _("“{provider}” answers, in {seconds} s.").format(
            provider=provider.name, seconds=seconds
        )
    told = ngettext(
        "“{provider}” answers: {models} model, in {seconds} s.",
        "“{provider}” answers: {models} models, in {seconds} s.",
        answered.models,
    )
    return told.format(provider=provider.name, models=number(answered.models), seconds=seconds)


def _fetched(provider: Provider, count: int) -> str:
    if not count:
        return _("“{provider}” has no model that is not here already.").format(
            provider=provider.name
        )
    told = ngettext(
        "{count} model of “{provider}” is here now. Look at its window, abilities and prices before you "
        "enable it.",
        "{count} models of “{provider}” are here now. Look at their windows, abilities and prices before "
        "you enable them.",
        count,
    )
    return told.format(count=number(count), provider=provider.name)


def _guessed(provider: Provider, count: int) -> str:
    told = ngettext(
        "How much {count} model of “{provider}” can take is a guess: its server does not say.",
        "How much {count} models of “{provider}” can take is a guess: its server does not say.",
        count,
    )
    return told.format(count=number(count), provider=provider.name)


def _sentence(provider: Provider, problem: Exception) -> str:
    detail = f" ({problem.detail})" if isinstance(problem, Unreachable) and problem.detail else ""
    told = _("“{provider}”: {problem}").format(provider=provider.name, problem=problem)
    return told + detail
