"""The review queue: what was reported, rated badly or marked; and what came of it.

What is shown here is what was said *about* a message. The words themselves are read in the transcript,
on record.
"""

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect, render
from django.urls import URLPattern, path
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from conversations import site
from conversations.admin import outcomes
from conversations.admin.columns import State, moment, shown
from conversations.admin.filters import ByModel, ByPerson
from conversations.admin.many import Joined
from conversations.admin.site import desk
from conversations.admin.table import ReadOnly, reader
from conversations.audit import address_of
from conversations.errors import Refusal
from conversations.models import Case, Feedback, Flag
from conversations.models.audit import REASON
from conversations.models.feedback import Rating
from conversations.models.review import Outcome
from conversations.models.site import Tells
from conversations.review import decisions, queue, telling

DECIDES = "conversations.add_decision"
LINE_BREAK = SafeString("<br>")
STATES = {"open": _("Open"), "decided": _("Decided"), "all": _("All")}
QUEUE = _("Review queue")
KINDS = {"report": _("Reported"), "down": _("Thumb down"), "mark": _("Marked")}


class ByState(admin.SimpleListFilter):
    """What waits comes first; to see the rest is a click."""

    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[Any, str]]:
        return [(name, str(said)) for name, said in STATES.items()]

    def choices(self, changelist: Any) -> Any:
        for name, said in self.lookup_choices:
            way = changelist.get_query_string({self.parameter_name: name})
            chosen = (self.value() or "open") == name
            yield {"selected": chosen, "query_string": way, "display": said}

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() == "all":
            return queryset
        return queryset.filter(queue.DECIDED if self.value() == "decided" else queue.OPEN)


class ByKind(admin.SimpleListFilter):
    title = _("kind")
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[Any, str]]:
        return [(name, str(said)) for name, said in KINDS.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        asked: dict[str, QuerySet[Any]] = {
            "report": Feedback.objects.filter(reported_at__isnull=False),
            "down": Feedback.objects.filter(rating=Rating.DOWN),
            "mark": Flag.objects.all(),
        }
        of = asked.get(self.value() or "")
        return queryset if of is None else queryset.filter(spoken_of__in=of.values("message"))


class ByOwner(ByPerson):
    field = "conversation__owner"


@admin.register(Case, site=desk)
class CaseTable(ReadOnly):
    person = "conversation__owner"
    paginator = Joined
    nothing = _(
        "Nothing waits. What people report or rate badly comes here, and what moderation marks."
    )
    list_display = ("when", "why", "said", "who", "which", "state")
    list_filter = (ByState, ByKind, ByOwner, ByModel)
    people_first = True
    search_fields = ("conversation__owner__username", "conversation__owner__email", "model")
    search_help_text = _("A person or model; or the id of a message or conversation.")
    ids = ("pk", "conversation")
    sortable_by = ()
    actions = None

    def get_queryset(self, request: HttpRequest) -> QuerySet[Case]:
        rows = queue.cases().filter(queue.seen_by(reader(request)))
        return queue.with_all_said(rows).order_by(*self.get_ordering(request))

    def get_ordering(self, request: HttpRequest) -> tuple[str, ...]:
        """By what is asked for with the rows, which Django's own check of `ordering` does not know."""
        return queue.ORDER

    @admin.display(description=_("said last"))
    def when(self, case: Any) -> str:
        return moment(case.said_at)

    @admin.display(description=_("why"))
    def why(self, case: Any) -> SafeString:
        return format_html_join(LINE_BREAK, "{}", [(line,) for line in reasons_of(case)])

    @admin.display(description=_("in their words"))
    def said(self, case: Any) -> str:
        words = [word for one in case.opinions for word in (one.report_comment, one.comment)]
        return " · ".join(filter(None, words)) or "–"

    @admin.display(description=_("conversation of"))
    def who(self, case: Case) -> str:
        return case.conversation.owner.get_username()

    @admin.display(description=_("model"))
    def which(self, case: Case) -> str:
        return case.model or "–"

    @admin.display(description=_("state"))
    def state(self, case: Any) -> str:
        return shown(state_of(case))

    # One case -----------------------------------------------------------------------------------

    def get_urls(self) -> list[URLPattern]:
        decide = self.admin_site.admin_view(self.decide_view)
        ours = path("<path:object_id>/decide/", decide, name="conversations_case_decide")
        return [ours, *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        return super().changelist_view(request, {"title": QUEUE, **(extra_context or {})})

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        if request.method not in ("GET", "HEAD") or not self.has_view_permission(request):
            raise PermissionDenied
        return self._page(request, self._case(request, object_id))

    def decide_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        if not self.has_view_permission(request) or not reader(request).has_perm(DECIDES):
            raise PermissionDenied
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        case = self._case(request, object_id)
        beside = queue.neighbours(reader(request), case)
        try:
            _decide(request, case)
        except Refusal as problem:
            # Read anew: what somebody else has decided meanwhile stands on it.
            case = self._case(request, object_id)
            return self._page(request, case, problem=problem, status=problem.http)
        return _go_on(request, beside.after or beside.before)

    def _case(self, request: HttpRequest, object_id: str) -> Case:
        case: Case | None = self.get_object(request, unquote(object_id))
        if case is None:
            raise Http404
        return case

    def _page(
        self, request: HttpRequest, case: Any, *, problem: Refusal | None = None, status: int = 200
    ) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            **form_of(request, case),
            "title": _("Case of {person}").format(person=case.conversation.owner),
            "subtitle": None,
            "opts": self.opts,
            "case": case,
            "state": shown(state_of(case)),
            "beside": queue.neighbours(reader(request), case),
            "notes": case.notes.select_related("by").order_by("at"),
            "waiting": queue.how_many_wait(reader(request)),
            "problem": problem,
            "why": request.POST.get("reason", ""),
            "chosen": request.POST.get("outcome", ""),
        }
        return render(request, "admin/case.html", context, status=status)


def form_of(request: HttpRequest, case: Any) -> dict[str, Any]:
    """What the form of a decision shows; nothing for who may not decide."""
    if not reader(request).has_perm(DECIDES):
        return {}
    tells = site.now().row.tells_owners != Tells.NEVER
    offered = outcomes.offered(request, case)
    return {"offered": offered, "longest": REASON, "is_told": tells}


def reasons_of(case: Any) -> list[str]:
    """Why it is here, each reason a line."""
    lines = []
    for one in case.opinions:
        if one.report:
            lines.append(f"{KINDS['report']}: {one.get_report_display()}")
        if one.rating == Rating.DOWN:
            lines.append(": ".join(filter(None, [str(KINDS["down"]), ", ".join(one.why)])))
    return lines + [f"{KINDS['mark']}: {', '.join(one.why)}" for one in case.marks]


def state_of(case: Any) -> State:
    """Open, open again, or by whom it was decided and how."""
    if not case.decided:
        return State(str(_("open")), "warn")
    newest = case.decided[0]
    if newest.at < case.said_at:
        return State(str(_("open again")), "warn")
    by = newest.by.get_username() if newest.by else "–"
    return State(f"{newest.get_outcome_display()}, {by}, {moment(newest.at)}", "good")


def _decide(request: HttpRequest, case: Case) -> None:
    """The decision, what it does and who is told of it, or none of it."""
    outcome, reason = request.POST.get("outcome", ""), request.POST.get("reason", "")
    talk = case.conversation
    if outcome in Outcome.values and outcome not in outcomes.offered(request, case):
        raise PermissionDenied
    outcomes.prepare(case, outcome)
    with transaction.atomic():
        made = decisions.decide(
            reader(request), case, outcome, reason,
            seen=request.POST.get("seen", ""), address=address_of(request),
        )  # fmt: skip
        telling.of_decision(reader(request), talk, outcome, made.reason)
        outcomes.act(request, case, outcome, made.reason)


def _go_on(request: HttpRequest, then: Case | None) -> HttpResponse:
    """The next that waits, else the queue, where it says that none does."""
    waiting = queue.how_many_wait(reader(request))
    told = ngettext("Decided. {count} case waits.", "Decided. {count} cases wait.", waiting.number)
    messages.success(request, told.format(count=waiting.said))
    if then is None:
        return redirect("admin:conversations_case_changelist")
    return redirect("admin:conversations_case_change", then.pk)
