"""What people think of answers: reports and bad ratings, each with the way to its transcript."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from conversations.admin.columns import moment, way_to
from conversations.admin.filters import ByUser
from conversations.admin.many import Joined
from conversations.admin.site import desk
from conversations.admin.table import ReadOnly
from conversations.models import Feedback
from conversations.models.conversation import LONG, present
from conversations.models.feedback import Rating

THUMBS = {"down": _("Thumb down"), "up": _("Thumb up")}


class ByKind(admin.SimpleListFilter):
    title = _("kind")
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[Any, str]]:
        return [
            ("report", str(_("Reported"))),
            *((which, str(thumb)) for which, thumb in THUMBS.items()),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() == "report":
            return queryset.filter(reported_at__isnull=False)
        if self.value() in Rating.values:
            return queryset.filter(rating=self.value())
        return queryset


@admin.register(Feedback, site=desk)
class Feedbacks(ReadOnly):
    """What somebody wrote to us about an answer may be read here; the answer itself only on record."""

    person = "user"
    paginator = Joined
    nothing = _("Nobody has rated or reported an answer yet.")
    list_display = ("given", "kind", "why", "said", "which", "user", "transcript")
    list_filter = (ByKind, ByUser, "updated_at")
    list_select_related = ("user", "message")
    people_first = True
    search_fields = ("user__username", "user__email", "message__model")
    search_help_text = _("A person or model; or the id of a message or conversation.")
    ids = ("pk", "message", "message__conversation")
    ordering = ("-updated_at",)
    fields = (
        "transcript", "user", "which", "rating", "why", "comment", "report", "report_comment",
        "reported_at", "given",
    )  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> QuerySet[Feedback]:
        rows: QuerySet[Feedback] = super().get_queryset(request)
        rows = rows.filter(present("message__conversation__"))  # what was deleted is gone here, too
        unread = [f"message__{name}" for name in LONG]
        return rows.defer(*unread)

    @admin.display(description=_("given"), ordering="updated_at")
    def given(self, opinion: Feedback) -> str:
        return moment(opinion.updated_at)

    @admin.display(description=_("kind"), ordering="report")
    def kind(self, opinion: Feedback) -> str:
        thumb = str(THUMBS[opinion.rating]) if opinion.rating else ""
        return ", ".join(filter(None, [str(_("Reported")) if opinion.report else "", thumb]))

    @admin.display(description=_("why"))
    def why(self, opinion: Feedback) -> str:
        reported = [str(opinion.get_report_display())] if opinion.report else []
        return ", ".join([*reported, *opinion.why]) or "–"

    @admin.display(description=_("in their words"))
    def said(self, opinion: Feedback) -> str:
        return " · ".join(filter(None, [opinion.report_comment, opinion.comment])) or "–"

    @admin.display(description=_("model"), ordering="message__model")
    def which(self, opinion: Feedback) -> str:
        return opinion.message.model or "–"

    @admin.display(description=_("transcript"))
    def transcript(self, opinion: Feedback) -> str:
        return way_to(opinion.message.conversation_id, opinion.message_id)
