"""Prompts that are there for all. Those that people saved for themselves are not shown here."""

from typing import TYPE_CHECKING

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from conversations.admin.site import desk
from conversations.admin.table import OnRecord
from conversations.chat.prompts import command
from conversations.models import SavedPrompt
from conversations.text import first_words

if TYPE_CHECKING:
    Form = forms.ModelForm[SavedPrompt]
else:
    Form = forms.ModelForm


class ForAll(Form):
    class Meta:
        model = SavedPrompt
        fields = ("name", "text")

    def clean_name(self) -> str:
        try:
            name = command(str(self.cleaned_data["name"]))
        except ValueError as problem:
            raise forms.ValidationError(str(problem)) from None
        others = SavedPrompt.objects.filter(owner=None, name=name).exclude(pk=self.instance.pk)
        if others.exists():
            raise forms.ValidationError(_("There is a prompt of this name already."))
        return name


@admin.register(SavedPrompt, site=desk)
class PromptsForAll(OnRecord):
    person = None
    form = ForAll
    nothing = _("There is no prompt for all. What you add here everybody can fetch with a slash.")
    list_display = ("__str__", "beginning")
    search_fields = ("name", "text")
    ordering = ("name",)
    search_help_text = _("A name, or words of the text.")

    def get_queryset(self, request: HttpRequest) -> QuerySet[SavedPrompt]:
        rows: QuerySet[SavedPrompt] = super().get_queryset(request)
        return rows.filter(owner=None)

    @admin.display(description=_("text"))
    def beginning(self, prompt: SavedPrompt) -> str:
        return first_words(prompt.text)
