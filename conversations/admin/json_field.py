"""JSON that somebody typed."""

from typing import Any

from django import forms
from django.forms.fields import InvalidJSONInput


class TypedJson(forms.JSONField):
    """Also what is nested deeper than Python reads is a mistake to be shown, not one of ours."""

    def to_python(self, value: Any) -> Any:
        try:
            return super().to_python(value)
        except RecursionError:
            sentence = self.error_messages["invalid"]
            raise forms.ValidationError(sentence, code="invalid", params={"value": "…"}) from None

    def prepare_value(self, value: Any) -> Any:
        """Nothing is an empty field: `null` is a word of programmers."""
        return "" if value is None else super().prepare_value(value)

    def bound_data(self, data: Any, initial: Any) -> Any:
        """What is shown again beside the mistake."""
        try:
            return super().bound_data(data, initial)
        except RecursionError:
            return InvalidJSONInput(data)
