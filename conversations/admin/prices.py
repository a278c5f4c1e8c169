"""What a model costs, beneath it: from a day on, and what was once in force stays."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin
from django.core.validators import MinValueValidator
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from conversations.models import LanguageModel, Price

AMOUNTS = ("input", "cached_input", "output")
FIELDS = ("since", *AMOUNTS, "source")
# Prices change a few times a year. Django makes a form for each of as many as a request says there are, up
# to two thousand, which takes seconds.
MOST = 50
MOST_SENT = 60

if TYPE_CHECKING:
    PriceForm = forms.ModelForm[Price]
    PriceRows = admin.TabularInline[Price, LanguageModel]
    PriceForms = forms.BaseInlineFormSet[Price, LanguageModel, PriceForm]
else:
    PriceForm, PriceRows = forms.ModelForm, admin.TabularInline
    PriceForms = forms.BaseInlineFormSet


class ForPrice(PriceForm):
    class Meta:
        model = Price
        fields = FIELDS
        help_texts = {
            "since": _(
                "A day (UTC). A price that began on an earlier day stays as it is: add another one."
            ),
            "input": _("US dollars a million tokens."),
            "cached_input": _("For what the provider still had in its cache."),
            "source": _("Where it is from, such as the address of a price list."),
        }

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        for name in AMOUNTS:
            self.fields[name].validators.append(MinValueValidator(0))


class OfOneModel(PriceForms):
    def add_fields(self, form: Any, index: int | None) -> None:
        """The ledger names the row that it reckoned by; the page would else change it in passing."""
        super().add_fields(form, index)
        if has_been_in_force(form.instance):
            for name in (*FIELDS, "DELETE"):
                form.fields[name].disabled = True


def has_been_in_force(price: Price) -> bool:
    """Before today: what was entered wrongly today can still be put right."""
    return not price._state.adding and price.since < datetime.now(UTC).date()


class PricesOfModel(PriceRows):
    model = Price
    form = ForPrice
    formset = OfOneModel
    extra = 0
    max_num = MOST
    ordering = ("-since",)

    def get_formset(self, request: HttpRequest, obj: Any = None, **more: Any) -> Any:
        return super().get_formset(request, obj, **more, absolute_max=MOST_SENT)
