"""The form in which somebody says what a call really took."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from conversations.reading.costs import MICROS
from conversations.text import clean

MOST_TOKENS = 2**31 - 1
NOTE_CHARACTERS = 500
PARTS = (
    ("cached_input_tokens", "input_tokens"),
    ("image_tokens", "input_tokens"),
    ("reasoning_tokens", "output_tokens"),
)


def _tokens(label: Any) -> forms.IntegerField:
    return forms.IntegerField(
        label=label, required=False, min_value=0, max_value=MOST_TOKENS, localize=False
    )


class Right(forms.Form):
    """What is left empty stays as it is."""

    input_tokens = _tokens(_("input tokens"))
    cached_input_tokens = _tokens(_("of them cached"))
    image_tokens = _tokens(_("of them in pictures"))
    output_tokens = _tokens(_("output tokens"))
    reasoning_tokens = _tokens(_("of them reasoning"))
    cost = forms.DecimalField(
        label=_("cost in US dollars"), required=False, min_value=0, max_digits=14, decimal_places=6
    )
    note = forms.CharField(
        label=_("Why, and by what it is known"),
        max_length=NOTE_CHARACTERS,
        widget=forms.TextInput(attrs={"class": "vTextField", "autocomplete": "off"}),
    )

    @staticmethod
    def as_it_is(known: Mapping[str, int | None]) -> dict[str, Any]:
        micros = known["cost_micros"]
        cost = None if micros is None else Decimal(micros) / MICROS
        return {**known, "cost": cost}

    def right(self) -> dict[str, int | None]:
        said = self.cleaned_data
        cost = said["cost"]
        tokens = {name: said[name] for name in self.fields if name.endswith("_tokens")}
        return {**tokens, "cost_micros": None if cost is None else int(cost * MICROS)}

    def clean_note(self) -> str:
        note = clean(self.cleaned_data["note"]).strip()
        if not note:
            raise forms.ValidationError(self.fields["note"].error_messages["required"])
        return note

    def clean(self) -> dict[str, Any]:
        said = self.cleaned_data
        for part, whole in PARTS:
            if (said.get(part) or 0) > (said.get(whole) or 0) and said.get(whole) is not None:
                self.add_error(part, _("A part is no more than the whole."))
        return said
