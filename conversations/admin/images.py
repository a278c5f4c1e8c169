"""Pictures. They are as private as words: who looks at a list of them is on record too."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.db import transaction
from django.db.models import Exists, OuterRef, Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.defaultfilters import filesizeformat
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext_lazy as _

from conversations.admin.columns import moment, transcript
from conversations.admin.filters import ByPerson
from conversations.admin.site import desk
from conversations.admin.table import ReadOnly, reader, record
from conversations.attachments import blocking
from conversations.errors import Words
from conversations.models import Image, MessageImage, User
from conversations.models.conversation import LONG, present
from conversations.models.images import NOTE_CHARACTERS
from conversations.review import opening, private
from conversations.text import clean

NEVER_SENT = _("never sent")
WANTS_REASON = _("opens when you say why")
BLOCKED_NOW = _(
    "Pictures blocked: {count}. Nobody sees them any more, and nobody can add them again."
)
NONE_BLOCKED = _("Nothing was blocked: only pictures that you see here can be.")
# Linked in one row.
CONVERSATIONS = 5


@admin.register(Image, site=desk)
class Images(ReadOnly):
    person = "owner"
    list_display = ("picture", "owner", "size", "weight", "where", "is_blocked", "uploaded_at")
    actions = ("block",)
    list_filter = (ByPerson, "created_at")
    list_per_page = 24
    search_fields = ("owner__username", "owner__email")
    search_help_text = _("A person, or the id of a picture.")
    ordering = ("-created_at",)
    fields = (
        "closer", "id", "owner", "size", "weight", "uploaded", "digest", "is_blocked", "came_from", "where",
        "read_in_it", "uploaded_at",
    )  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> QuerySet[Image]:
        shown = present("message__conversation__")
        places = MessageImage.objects.filter(shown)
        sent = Exists(places.filter(image=OuterRef("pk")))
        rows: QuerySet[Image] = super().get_queryset(request)
        rows = rows.select_related("owner", "blob")
        unread = [f"message__{name}" for name in LONG]
        newest = places.order_by("-message").select_related("message").defer(*unread)
        is_open = private.is_shown(reader(request))
        return rows.annotate(was_sent=sent, is_open=is_open).prefetch_related(
            Prefetch("uses", newest, "places")
        )

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
        image = self.get_object(request, unquote(object_id))
        if image is not None and image.was_sent and not image.is_open:
            first = image.places[0].message.conversation_id
            return redirect(opening.way_to(first, request.get_full_path()))
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
        if not image.is_open:
            return str(WANTS_REASON)
        return format_html(
            '<img class="desk-thumb" src="{}" alt="Picture {}" loading="lazy">',
            reverse("image_thumbnail", args=[image.pk]),
            image.pk,
        )

    @admin.display(description=_("picture"))
    def closer(self, image: Any) -> str:
        """It opens whole; that is on record too."""
        if not image.was_sent:
            return self.picture(image)
        whole = reverse("image", args=[image.pk])
        return format_html(
            '<a href="{}" target="_blank" rel="noopener">{}</a>', whole, self.picture(image)
        )

    @admin.display(description=_("pixels"), ordering="blob__width")
    def size(self, image: Image) -> str:
        return f"{image.blob.width} × {image.blob.height}"

    @admin.display(description=_("size"), ordering="blob__bytes")
    def weight(self, image: Image) -> str:
        return filesizeformat(image.blob.bytes)

    @admin.display(description=_("where"))
    def where(self, image: Any) -> str:
        """The newest of the conversations that show it; to open one is on record."""
        ways = {use.message.conversation_id: use.message_id for use in reversed(image.places)}
        shown = list(reversed(ways.items()))[:CONVERSATIONS]
        links = [(transcript(talk, message), str(talk)[-6:]) for talk, message in shown]
        more = [("", f"+ {len(ways) - len(shown)}")] if len(ways) > len(shown) else []
        linked = format_html_join(", ", '<a href="{}">{}</a>', links)
        return format_html("{} {}", linked, more[0][1]) if more else linked or "–"

    @admin.display(description=_("blocked"), ordering="blob__blocked")
    def is_blocked(self, image: Image) -> Words:
        """In words: Django's sign for no is a red cross, as if something were wrong with the others."""
        return _("blocked") if image.blob.blocked else "–"

    @admin.display(description=_("SHA-256 of the file"))
    def digest(self, image: Any) -> str:
        return image.blob.sha256 if image.was_sent else str(NEVER_SENT)

    @admin.display(description=_("source"))
    def came_from(self, image: Any) -> str:
        return (image.source or "–") if image.was_sent else str(NEVER_SENT)

    def has_block_permission(self, request: HttpRequest) -> bool:
        return reader(request).has_perm("conversations.add_blockedpicture")

    @admin.action(description=_("Block these pictures"), permissions=["block"])
    def block(self, request: HttpRequest, chosen: QuerySet[Image]) -> HttpResponse | None:
        """What staff cannot see they cannot block by looking at it. They are asked once more."""
        with transaction.atomic():
            images = [image for image in chosen if _is_seen(image)]
            if images and "confirmed" not in request.POST:
                _record_page(request, images)
                return self._asked(request, images)
            _block(request, images)
        if images:
            self.message_user(request, BLOCKED_NOW.format(count=len(images)), messages.SUCCESS)
        else:
            self.message_user(request, NONE_BLOCKED, messages.WARNING)
        return None

    def _asked(self, request: HttpRequest, images: Sequence[Image]) -> HttpResponse:
        about = {"title": _("Block these pictures"), "opts": self.opts, "images": images}
        context = {**self.admin_site.each_context(request), **about, "longest": NOTE_CHARACTERS}
        return TemplateResponse(request, "admin/block_pictures.html", context)

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


def _block(request: HttpRequest, images: Sequence[Image]) -> None:
    note = clean(request.POST.get("note", "")).strip()[:NOTE_CHARACTERS]
    for image in images:
        blocking.block(image.blob, note)
        record(request, "image.block", image, sha256=image.blob.sha256)


def _is_seen(image: Any) -> bool:
    """Whether who looks at the list sees the picture in it."""
    return bool(image.was_sent and image.is_open)


def _record_page(request: HttpRequest, images: Any) -> None:
    """One entry for each person whose pictures the page shows."""
    shown: dict[User, list[str]] = defaultdict(list)
    for image in images:
        if _is_seen(image):
            shown[image.owner].append(str(image.pk))
    for owner, ids in shown.items():
        record(request, "image.list", owner, images=ids)
