"""Conversations: a list of facts, and the transcript, which is never opened unrecorded."""

from typing import Any

from asgiref.sync import async_to_sync
from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import render
from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _

from conversations import holds
from conversations.admin import redacting
from conversations.admin.columns import counted, moment, number
from conversations.admin.exporting import Exported
from conversations.admin.filters import ByModel, ByPerson, ByState
from conversations.admin.holds import kept_by_a_hold
from conversations.admin.opening import first_asked, form
from conversations.admin.remarks import beside_the_words, note
from conversations.admin.site import desk
from conversations.admin.table import OnRecord, reader
from conversations.audit import address_of
from conversations.chat import organise
from conversations.exports.kinds import CONVERSATIONS
from conversations.models import Conversation, Message, Run
from conversations.models.conversation import LIVE, present
from conversations.models.review import Outcome
from conversations.review import telling, transcript
from conversations.runs import stop

READS = ("conversations.view_conversation", "conversations.view_message")


@admin.register(Conversation, site=desk)
class Conversations(Exported, OnRecord):
    kind = CONVERSATIONS
    person = "owner"
    list_display = ("name", "owner", "model", "messages_in_all", "last_activity", "state")
    list_filter = (
        ByState,
        ByPerson,
        ByModel,
        "updated_at",
        "archived",
    )
    # Titles only: a search in people's words would tell what is in them without a record of it.
    people_first = True
    search_fields = ("title", "owner__username", "owner__email")
    search_help_text = _("A title, a person, or the id of a conversation or person.")
    ids = ("pk", "owner")
    ordering = ("-updated_at",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Conversation]:
        live = Exists(Run.objects.filter(conversation=OuterRef("pk"), status__in=LIVE))
        rows: QuerySet[Conversation] = super().get_queryset(request).filter(present())
        rows = rows.select_related("owner").defer("system_prompt")
        return rows.annotate(
            message_count=counted(Message.objects.all(), "conversation"), is_live=live
        )

    @admin.display(description=_("title"), ordering="title")
    def name(self, conversation: Conversation) -> str:
        return conversation.title or str(_("(no title)"))

    @admin.display(description=_("messages"), ordering="message_count")
    def messages_in_all(self, conversation: Any) -> str:
        return number(conversation.message_count)

    @admin.display(description=_("last activity"), ordering="updated_at")
    def last_activity(self, conversation: Conversation) -> str:
        return moment(conversation.updated_at)

    @admin.display(description=_("state"), ordering="archived")
    def state(self, conversation: Any) -> str:
        live = str(_("being answered")) if conversation.is_live else ""
        return ", ".join(filter(None, [live, str(_("archived")) if conversation.archived else ""]))

    # Who may do what ----------------------------------------------------------------------------

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return reader(request).is_superuser

    # Reading ------------------------------------------------------------------------------------

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """The transcript. Opening it is the reading that goes on record, one's own included."""
        if request.method not in ("GET", "HEAD"):
            raise PermissionDenied
        conversation = self._readable(request, object_id)
        if asked := first_asked(request, conversation):
            return asked
        read = transcript.read(
            reader(request),
            conversation,
            address=address_of(request),
            page=request.GET.get("page", "1"),
            at=request.GET.get("message"),
        )
        return render(request, "admin/transcript.html", self._context(request, read))

    def get_urls(self) -> list[URLPattern]:
        ours = {"open": self.open_view, "note": self.note_view}
        wrapped = {name: self.admin_site.admin_view(view) for name, view in ours.items()}
        added = [
            path(f"<path:object_id>/{name}/", view, name=f"conversations_conversation_{name}")
            for name, view in wrapped.items()
        ]
        return [*redacting.urls(self), *added, *super().get_urls()]

    def open_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Why it is opened, where the site asks."""
        return form(request, self._readable(request, object_id))

    def note_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        if not reader(request).has_perm("conversations.add_note"):
            raise PermissionDenied
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        return note(request, self._readable(request, object_id))

    def _readable(self, request: HttpRequest, object_id: str) -> Conversation:
        if not reader(request).has_perms(READS):
            raise PermissionDenied
        conversation: Conversation | None = self.get_object(request, unquote(object_id))
        if conversation is None:
            raise Http404
        return conversation

    def _context(self, request: HttpRequest, read: transcript.Transcript) -> dict[str, Any]:
        return {
            **self.admin_site.each_context(request),
            "title": read.conversation.title or str(_("(no title)")),
            "subtitle": None,
            "opts": self.opts,
            "transcript": read,
            **beside_the_words(request, read),
            "may_redact": redacting.may(reader(request)),
            "has_delete_permission": self.has_delete_permission(request, read.conversation),
        }

    # Deleting -----------------------------------------------------------------------------------

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """What goes, in numbers: a list of every message would not end, and would not help."""
        chosen = list(objs)
        counts = {
            Conversation._meta.verbose_name_plural: len(chosen),
            Message._meta.verbose_name_plural: Message.objects.filter(
                conversation__in=chosen
            ).count(),
        }
        held = Conversation.objects.filter(holds.held(), pk__in=[one.pk for one in chosen])
        kept = [kept_by_a_hold(one) for one in held]
        return [one.title or str(one) for one in chosen], counts, set(), kept

    def delete_model(self, request: HttpRequest, obj: Conversation) -> None:
        async_to_sync(stop.stop_all_in)(obj)
        with transaction.atomic():
            telling.of_decision(reader(request), obj, Outcome.DELETED, reason="")
            organise.destroy(obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Conversation]) -> None:
        for conversation in queryset:
            self.delete_model(request, conversation)
