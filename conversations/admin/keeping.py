"""Links that people gave out, to be withdrawn if need be; and the exports they took in."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.defaultfilters import filesizeformat
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from conversations.admin.columns import amount, at, moment
from conversations.admin.filters import ByPerson
from conversations.admin.site import desk
from conversations.admin.table import ReadOnly, reader
from conversations.audit import address_of
from conversations.chat import sharing
from conversations.models import ImportJob, Share
from conversations.models.conversation import present


@admin.register(Share, site=desk)
class Shares(ReadOnly):
    """The token is not shown: staff read a conversation by its transcript, on record."""

    person = "owner"
    nothing = _("Nobody shares a conversation by a link.")
    list_display = ("name", "owner", "with_images", "with_name", "made", "stood", "ends")
    list_filter = (ByPerson, "with_images", "created_at")
    list_select_related = ("owner",)
    search_fields = ("title", "owner__username", "owner__email")
    search_help_text = _("A title, a person, or the id of a link or conversation.")
    ids = ("pk", "conversation", "owner")
    ordering = ("-created_at",)
    fields = ("title", "owner", "conversation", "with_images", "with_name", "made", "stood", "ends")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Share]:
        """The title of what was deleted is gone here, too."""
        rows: QuerySet[Share] = super().get_queryset(request)
        return rows.filter(present("conversation__"))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return reader(request).is_superuser

    def delete_model(self, request: HttpRequest, obj: Share) -> None:
        """To delete is to withdraw: by whom is in the audit."""
        sharing.withdraw(reader(request), obj, address=address_of(request))

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Share]) -> None:
        for share in queryset.select_related("owner"):
            self.delete_model(request, share)

    @admin.display(description=_("title"), ordering="title")
    def name(self, share: Share) -> str:
        return share.title or str(_("(no title)"))

    @admin.display(description=_("made"), ordering="created_at")
    def made(self, share: Share) -> str:
        return moment(share.created_at)

    @admin.display(description=_("shows what stood"), ordering="stood_at")
    def stood(self, share: Share) -> str:
        return moment(share.stood_at)

    @admin.display(description=_("ends"), ordering="expires_at")
    def ends(self, share: Share) -> str:
        if share.expires_at and share.expires_at <= timezone.now():
            return str(_("has ended"))
        return moment(share.expires_at)


@admin.register(ImportJob, site=desk)
class Imports(ReadOnly):
    """What was taken in, in numbers; the name of a file is the person's own business."""

    person = "owner"
    list_display = ("made", "owner", "status", "found", "imported", "messages_in_all", "images")
    list_filter = ("status", ByPerson, "created_at")
    list_select_related = ("owner",)
    search_fields = ("owner__username", "owner__email")
    ids = ("pk", "owner")
    ordering = ("-created_at",)
    fields = (
        "owner", "status", "size", "found", "imported", "extended", "known", "messages_in_all",
        "images", "left_out", "error", "made", "finished",
    )  # fmt: skip
    finished = at("finished_at", _("finished"))
    messages_in_all = amount("messages", _("messages"))

    @admin.display(description=_("begun"), ordering="created_at")
    def made(self, job: ImportJob) -> str:
        return moment(job.created_at)

    @admin.display(description=_("size of the file"), ordering="file_bytes")
    def size(self, job: ImportJob) -> str:
        return filesizeformat(job.file_bytes)
