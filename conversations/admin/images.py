"""Pictures. They are as private as words: who looks at a list of them is on record too."""

from collections import defaultdict
from typing import Any

from django.contrib import admin
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from conversations.admin.columns import moment
from conversations.admin.filters import ByPerson
from conversations.admin.site import desk
from conversations.admin.table import ReadOnly, record
from conversations.models import Image, MessageImage, User
from conversations.models.conversation import present

NEVER_SENT = _("never sent")


@admin.register(Image, site=desk)
class Images(ReadOnly):
    list_display = ("picture", "owner", "size", "weight", "uploaded_at")
    list_filter = (ByPerson, "created_at")
    list_per_page = 24
    search_fields = ("owner__username", "owner__email")
    search_help_text = _("A person, or the id of a picture.")
    ordering = ("-created_at",)
    fields = ("picture", "id", "owner", "size", "weight", "uploaded", "read_in_it", "uploaded_at")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Image]:
        shown = present("message__conversation__")
        sent = Exists(MessageImage.objects.filter(shown, image=OuterRef("pk")))
        rows: QuerySet[Image] = super().get_queryset(request)
        rows = rows.select_related("owner", "blob")
        return rows.annotate(was_sent=sent)

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        with transaction.atomic():
            response = super().changelist_view(request, extra_context)
            context = getattr(response, "context_data", None) or {}
            if "cl" in context:
                _record_page(request, context["cl"].result_list)
        return response

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        with transaction.atomic():
            response = super().change_view(request, object_id, form_url, extra_context)
            seen = (getattr(response, "context_data", None) or {}).get("original")
            if seen is not None:
                record(request, "image.read", seen)
        return response

    @admin.display(description=_("picture"))
    def picture(self, image: Any) -> str:
        """What stands in no conversation, or in one that was deleted, is not for staff."""
        if not image.was_sent:
            return str(NEVER_SENT)
        return format_html(
            '<img class="desk-thumb" src="{}" alt="Picture {}" loading="lazy">',
            reverse("image_thumbnail", args=[image.pk]),
            image.pk,
        )

    @admin.display(description=_("pixels"), ordering="blob__width")
    def size(self, image: Image) -> str:
        return f"{image.blob.width} × {image.blob.height}"

    @admin.display(description=_("size"), ordering="blob__bytes")
    def weight(self, image: Image) -> str:
        return filesizeformat(image.blob.bytes)

    @admin.display(description=_("when"), ordering="created_at")
    def uploaded_at(self, image: Image) -> str:
        return moment(image.created_at)

    @admin.display(description=_("as uploaded"))
    def uploaded(self, image: Image) -> str:
        blob = image.blob
        pixels = f"{blob.original_width} × {blob.original_height}"
        return f"{blob.original_type}, {pixels}, {filesizeformat(blob.original_bytes)}"

    @admin.display(description=_("text read in it"))
    def read_in_it(self, image: Any) -> str:
        return (image.blob.ocr_text or "–") if image.was_sent else str(NEVER_SENT)


def _record_page(request: HttpRequest, images: Any) -> None:
    """One entry for each person whose pictures the page shows."""
    shown: dict[User, list[str]] = defaultdict(list)
    for image in images:
        if image.was_sent:
            shown[image.owner].append(str(image.pk))
    for owner, ids in shown.items():
        record(request, "image.list", owner, images=ids)
