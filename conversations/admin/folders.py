"""Folders: whose, and how much is in them. They are made and named by their owners alone."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from conversations.admin.columns import counted, moment, number
from conversations.admin.filters import ByPerson
from conversations.admin.site import desk
from conversations.admin.table import ReadOnly
from conversations.models import Conversation, Folder


@admin.register(Folder, site=desk)
class Folders(ReadOnly):
    person = "owner"
    list_display = ("name", "owner", "conversations_in_it", "made")
    list_filter = (ByPerson, "created_at")
    list_select_related = ("owner",)
    search_fields = ("name", "owner__username", "owner__email")
    search_help_text = _("A name, a person, or the id of a folder or person.")
    ids = ("pk", "owner")
    ordering = ("-created_at",)
    fields = ("id", "name", "owner", "position", "folded", "conversations_in_it", "made")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Folder]:
        rows: QuerySet[Folder] = super().get_queryset(request)
        return rows.annotate(filled=counted(Conversation.objects.kept(), "folder"))

    @admin.display(description=_("conversations"), ordering="filled")
    def conversations_in_it(self, folder: Any) -> str:
        return number(folder.filled)

    @admin.display(description=_("made"), ordering="created_at")
    def made(self, folder: Folder) -> str:
        return moment(folder.created_at)
