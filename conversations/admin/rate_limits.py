"""How much may be asked within a minute, and at once. In force within seconds, and on record."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.conf import settings
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from conversations.admin.columns import number
from conversations.admin.site import desk
from conversations.admin.table import OnRecord
from conversations.models import RateLimit

AMOUNT = _("Empty: as otherwise. 0: no limit.")
NONE, OTHERWISE = _("no limit"), "–"
EXPLAINED = _(
    "Of each amount, a row for one person comes first, then the most generous row for members of their "
    "groups, then that for each person. Where none says anything it is {messages} messages a minute and "
    "{runs} answers at once, as the environment says. A group together and an address are counted besides."
)

if TYPE_CHECKING:
    Form = forms.ModelForm[RateLimit]
else:
    Form = forms.ModelForm


class ForRateLimit(Form):
    class Meta:
        model = RateLimit
        fields = ("whom", "user", "group", "network", "messages", "tokens", "runs", "note")
        help_texts = {
            "user": _("For one person."),
            "group": _("For each member of a group, or for all of them together."),
            "network": _(
                "For each address: those in this network, such as 10.0.0.0/8; empty: all. Each address "
                "counts by itself, those of IPv6 by their first 64 bits. The narrowest network that "
                "says something counts: with 0 in all three a school or an office is excepted."
            ),
            "tokens": _(
                "Empty: as otherwise. 0: no limit. What a question will take is reckoned when it is sent, "
                "and put right when it is answered; titles and summaries count too."
            ),
            "runs": AMOUNT,
        }


@admin.register(RateLimit, site=desk)
class RateLimits(OnRecord):
    person = "user"
    of_all_too = True
    form = ForRateLimit
    nothing = _("There is no limit of yours. What the environment says holds for everybody.")
    valued = ("whom", "user", "group", "network", "messages", "tokens", "runs")
    list_display = ("about", "messages_a_minute", "tokens_a_minute", "at_once", "note")
    list_filter = ("whom",)
    list_select_related = ("user", "group")
    search_fields = ("user__username", "user__email", "group__name", "network", "note")
    search_help_text = _("A person, a group, a network, or a word of the note.")
    autocomplete_fields = ("user", "group")
    ordering = ("whom", "group__name", "user__username", "network")
    fields = ("whom", "user", "group", "network", "messages", "tokens", "runs", "note")

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        told = {
            "messages": settings.USER_REQUESTS_PER_MINUTE or NONE,
            "runs": settings.USER_RUNS or NONE,
        }
        return [
            (
                None,
                {"fields": self.get_fields(request, obj), "description": EXPLAINED.format(**told)},
            )
        ]

    @admin.display(description=_("for"), ordering="whom")
    def about(self, row: RateLimit) -> str:
        return str(row)

    @admin.display(description=_("messages a minute"), ordering="messages")
    def messages_a_minute(self, row: RateLimit) -> str:
        return _amount(row.messages)

    @admin.display(description=_("tokens a minute"), ordering="tokens")
    def tokens_a_minute(self, row: RateLimit) -> str:
        return _amount(row.tokens)

    @admin.display(description=_("answers at once"), ordering="runs")
    def at_once(self, row: RateLimit) -> str:
        return _amount(row.runs)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[RateLimit]) -> None:
        """One by one, so that every process hears of it."""
        for row in queryset:
            row.delete()


def _amount(amount: int | None) -> str:
    if amount is None:
        return OTHERWISE
    return number(amount) if amount else str(NONE)
