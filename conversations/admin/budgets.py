"""Budgets: what may be spent, and how much of it is gone. In force at once, and on record."""

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from conversations import oversight
from conversations.admin.budget_bar import bar
from conversations.admin.site import desk
from conversations.admin.table import OnRecord, reader
from conversations.models import Budget, LanguageModel, Purpose
from conversations.models.budgets import OF_A_GROUP, Measure, Scope
from conversations.reading.costs import MICROS
from conversations.usage import overview
from conversations.usage.too_much import said

EXPLAINED = _(
    "The most that a question can take is reserved before it is asked, and what it took is counted after "
    "it. Of several budgets that count for a question, the tightest decides. What was spent already in the "
    "current period counts, also for a budget that is made or changed today. Periods are those of UTC, a "
    "week begins on Monday. A model without a price costs nothing, as far as a budget of money can tell: "
    "limit it by tokens or messages, or enter its price."
)
NEEDS_PERSON, NO_PERSON = _("Say which person."), _("Only a budget of one person names a person.")
NEEDS_GROUP, NO_GROUP = _("Say which group."), _("Only a budget of a group names a group.")
WHOLE = _("Tokens and messages are whole numbers.")
ONLY_ANSWERS = _("Messages are questions to a model: nothing else is counted in messages.")
# More dollars than any of them will ever have; the column holds more.
MOST = 10**12
LIMIT = _("{amount} in {period}")

if TYPE_CHECKING:
    Form = forms.ModelForm[Budget]
else:
    Form = forms.ModelForm


class ForBudget(Form):
    amount = forms.DecimalField(
        label=_("limit"),
        min_value=0,
        max_value=MOST,
        decimal_places=6,
        help_text=_("US dollars, tokens or messages. 0: nothing at all."),
    )
    model = forms.ChoiceField(
        label=_("only this model"), required=False, help_text=_("Empty: all models.")
    )

    class Meta:
        model = Budget
        fields = (
            "name", "scope", "user", "group", "measure", "period", "model", "purpose", "is_enabled",
        )  # fmt: skip
        help_texts = {
            "name": _("Whoever is refused reads it."),
            "user": _("For one person."),
            "group": _("For the members of a group, together or each."),
            "purpose": _("Empty: answers, titles, summaries and all else."),
            "is_enabled": _("One that is not in force goes on counting once it is again."),
        }

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["model"].choices = [("", "–"), *_models(self.instance.model)]  # type: ignore[attr-defined]
        if not self.instance._state.adding:
            limit = Decimal(self.instance.limit)
            is_money = self.instance.measure == Measure.MONEY
            self.initial["amount"] = limit / MICROS if is_money else limit

    def clean(self) -> dict[str, Any]:
        said = super().clean() or self.cleaned_data
        self._about_whom(said)
        amount, measure = said.get("amount"), said.get("measure")
        if measure == Measure.MESSAGES and said.get("purpose") not in ("", Purpose.CHAT):
            self.add_error("purpose", ValidationError(ONLY_ANSWERS))
        if amount is not None and measure:
            if measure != Measure.MONEY and amount % 1:
                self.add_error("amount", ValidationError(WHOLE))
            self.instance.limit = int(amount * MICROS) if measure == Measure.MONEY else int(amount)
        return said

    def _about_whom(self, said: dict[str, Any]) -> None:
        scope = said.get("scope")
        is_person, is_group = scope == Scope.PERSON, scope in OF_A_GROUP
        if is_person != bool(said.get("user")):
            self.add_error("user", ValidationError(NEEDS_PERSON if is_person else NO_PERSON))
        if is_group != bool(said.get("group")):
            self.add_error("group", ValidationError(NEEDS_GROUP if is_group else NO_GROUP))


def _models(chosen: str) -> list[tuple[str, str]]:
    """Also one that is there no more, as long as a budget names it."""
    there = list(LanguageModel.objects.order_by("name").values_list("slug", "name"))
    gone = [(chosen, chosen)] if chosen and chosen not in dict(there) else []
    return [*there, *gone]


@admin.register(Budget, site=desk)
class Budgets(OnRecord):
    person = "user"
    of_all_too = True
    form = ForBudget
    nothing = _("There is no budget. Everybody may use as much as they like.")
    valued = (
        "scope", "user", "group", "measure", "limit", "period", "model", "purpose", "is_enabled",
    )  # fmt: skip
    list_display = ("name", "about", "limits", "now", "is_enabled")
    list_filter = ("scope", "measure", "period", "is_enabled")
    list_select_related = ("user", "group")
    search_fields = ("name", "user__username", "user__email", "group__name", "model")
    search_help_text = _("A name, a person, a group or a model.")
    autocomplete_fields = ("user", "group")
    ordering = ("name",)
    fields = (
        "name", "scope", "user", "group", "measure", "amount", "period", "model", "purpose", "is_enabled",
    )  # fmt: skip

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """How they stand is asked once for a page."""
        page = super().get_changelist_instance(request)
        standings = overview.everything()
        if oversight.is_limited(reader(request)):  # what many spent together is not for their eyes
            standings = {id: one for id, one in standings.items() if one.scope == Scope.PERSON}
        for row in page.result_list:
            row.standing = standings.get(row.pk)
        return page

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        return [(None, {"fields": self.fields, "description": EXPLAINED})]

    @admin.display(description=_("for whom"), ordering="scope")
    def about(self, row: Budget) -> str:
        who = row.user.get_username() if row.user else row.group.name if row.group else ""
        return " · ".join(part for part in (row.get_scope_display(), who) if part)

    @admin.display(description=_("limit"), ordering="limit")
    def limits(self, row: Budget) -> str:
        amount = said(row.measure, row.limit)
        told = LIMIT.format(amount=amount, period=row.get_period_display())
        purpose = row.get_purpose_display() if row.purpose else ""
        return " · ".join(part for part in (told, row.model, purpose) if part)

    @admin.display(description=_("now"))
    def now(self, row: Any) -> str | SafeString:
        return bar(row.standing) if row.standing else "–"
