"""The settings of the site: one row, so that its list is the page on which it is changed."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from conversations import site
from conversations.admin.one_row import OneRow
from conversations.admin.site import desk
from conversations.admin.table import record
from conversations.models import SiteSettings
from conversations.models.site import THE_ROW
from conversations.provider import catalogue
from conversations.text import clean

if TYPE_CHECKING:
    Form = forms.ModelForm[SiteSettings]
else:
    Form = forms.ModelForm

# Fields for which an empty one means what the environment says.
FROM_ENVIRONMENT = (
    "signup", "sharing", "titles", "summaries", "image_urls", "answer_cache", "user_storage",
)  # fmt: skip
# Words of people: that they were changed is on record, and not what they say.
WORDS = ("banner", "system_prompt", "stopped_because")


class SettingsForm(Form):
    """Empty choices say what holds without them."""

    class Meta:
        model = SiteSettings
        exclude = ("stopped_at", "stopped_because")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        usual = site.Site(SiteSettings())
        for name in FROM_ENVIRONMENT:
            if name in self.fields:  # who may only look has none
                _say_what_is_usual(self.fields[name], getattr(usual, name))
        if "default_model" in self.fields:
            self.fields["default_model"] = self._models(usual.default_model)
        if "name" in self.fields:
            self.fields["name"].widget.attrs["placeholder"] = usual.name

    def clean_name(self) -> str:
        """On one line: it goes into the headers of mails."""
        return " ".join(clean(self.cleaned_data["name"]).split())

    def _models(self, usual: str) -> forms.ChoiceField:
        """Those on offer. One that was chosen and is not any more stays, until somebody chooses again."""
        there = {id: entry.model.name for id, entry in catalogue.known().entries.items()}
        chosen = self.instance.default_model
        if chosen and chosen not in there:
            there[chosen] = _("%(model)s (not on offer)") % {"model": chosen}
        empty = there.get(usual, usual) or _("as the list of models says")
        field = self.fields["default_model"]
        return forms.ChoiceField(
            choices=[("", _usually(empty)), *there.items()],
            required=False,
            label=field.label,
            help_text=field.help_text,
        )


def _usually(what: object) -> str:
    return str(_("As usual: %(what)s") % {"what": what})


def _say_what_is_usual(field: forms.Field, usual: object) -> None:
    if isinstance(field, forms.TypedChoiceField):
        choices: Any = field.choices
        named = {value: label for value, label in choices if value}
        key = {True: "on", False: "off"}.get(usual, usual) if isinstance(usual, bool) else usual
        field.choices = [("", _usually(named.get(str(key), key))), *named.items()]
    else:
        field.widget.attrs["placeholder"] = _usually(usual)


@admin.register(SiteSettings, site=desk)
class SettingsOfTheSite(OneRow):
    person = None
    row = THE_ROW
    form = SettingsForm
    fieldsets = (
        (_("Name and notice"), {"fields": ("name", "banner", "banner_tone")}),
        (_("Signing up and in"), {"fields": ("signup", "staff_need_mfa")}),
        (
            _("Models"),
            {"fields": ("default_model", "system_prompt", "titles", "summaries", "answer_cache")},
        ),
        (
            _("What people may do and see"),
            {"fields": ("sharing", "image_urls", "user_storage", "shows_costs")},
        ),
        (_("Review"), {"fields": ("asks_reason", "tells_owners")}),
        (_("Keeping"), {"fields": ("retention_days",)}),
    )
    radio_fields = {"banner_tone": admin.HORIZONTAL}

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Only what was changed is written: a stop that came since stays."""
        if form.changed_data:
            obj.save(update_fields=form.changed_data)

    def construct_change_message(self, request: HttpRequest, form: Any, *args: Any) -> Any:
        if form.changed_data:
            record(request, "site.change", form.instance, changed=_changes(form))
        return super().construct_change_message(request, form, *args)

    def _record(self, request: HttpRequest, what: str, obj: Any, **detail: Any) -> None:
        """`construct_change_message` has said more than the names of fields."""


def _changes(form: Any) -> dict[str, Any]:
    """By field what it was and what it is now; of words only that they are others."""
    return {
        name: None if name in WORDS else [form.initial.get(name), form.cleaned_data[name]]
        for name in form.changed_data
    }
