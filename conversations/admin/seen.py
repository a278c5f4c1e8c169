"""Two administrators at once: who saves last is told, instead of undoing unseen what the other did."""

import hashlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from django import forms
from django.db.models import Model
from django.utils.translation import gettext_lazy as _

CHANGED_MEANWHILE = _(
    "Somebody else has changed this since you opened it, and nothing was saved. Open it again to see it as "
    "it is now."
)
Row = TypeVar("Row", bound=Model)

if TYPE_CHECKING:
    ModelForm = forms.ModelForm
else:

    class ModelForm(forms.ModelForm):
        __class_getitem__ = classmethod(lambda cls, _row: cls)


class Mark(forms.CharField):
    """How the row looked when its page was made. Nobody changes that by hand, and no record says so."""

    widget = forms.HiddenInput

    def has_changed(self, initial: Any, data: Any) -> bool:
        return False


class AsSeen(ModelForm[Row]):
    seen = Mark(required=False)

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.initial["seen"] = self._now = _mark(self.initial)

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or self.cleaned_data
        if self.instance.pk and said.get("seen") not in (None, "", self._now):
            raise forms.ValidationError(CHANGED_MEANWHILE)
        return said


def _mark(row: Mapping[str, Any]) -> str:
    told = {
        name: sorted(map(str, value)) if isinstance(value, list) else value
        for name, value in row.items()
    }
    return hashlib.sha256(repr(sorted(told.items())).encode()).hexdigest()[:32]
