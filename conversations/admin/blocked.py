"""Blocked pictures. To delete one here is to lift the block: whoever has the picture sees it again."""

import re
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from conversations.admin.columns import moment
from conversations.admin.site import desk
from conversations.admin.table import OnRecord
from conversations.attachments import blocking
from conversations.models import BlockedPicture

NO_DIGEST = _("This is no SHA-256: 64 digits from 0 to 9 and letters from a to f.")

if TYPE_CHECKING:
    Form = forms.ModelForm[BlockedPicture]
else:
    Form = forms.ModelForm


class Blocked(Form):
    class Meta:
        model = BlockedPicture
        fields = ("sha256", "note")

    def clean_sha256(self) -> str:
        digest = str(self.cleaned_data["sha256"]).strip().lower()
        if not re.fullmatch(r"[0-9a-f]{64}", digest):
            raise forms.ValidationError(NO_DIGEST)
        return digest


@admin.register(BlockedPicture, site=desk)
class BlockedPictures(OnRecord):
    person = None
    form = Blocked
    nothing = _(
        "No picture is blocked. The list of images blocks one, also for those who bring it again."
    )
    list_display = ("sha256", "note", "blocked_at")
    search_fields = ("sha256", "stored", "note")
    search_help_text = _("A SHA-256, its beginning, or a word of the note.")
    ordering = ("-created_at",)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return ("sha256", "stored", "blocked_at") if obj else ()

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return ("sha256", "stored", "note", "blocked_at") if obj else ("sha256", "note")

    @admin.display(description=_("blocked at"), ordering="created_at")
    def blocked_at(self, row: BlockedPicture) -> str:
        return moment(row.created_at)

    def save_model(
        self, request: HttpRequest, obj: BlockedPicture, form: Any, change: bool
    ) -> None:
        super().save_model(request, obj, form, change)
        blocking.apply(obj)

    def delete_model(self, request: HttpRequest, obj: BlockedPicture) -> None:
        blocking.lift([obj])

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[BlockedPicture]) -> None:
        blocking.lift(queryset)
