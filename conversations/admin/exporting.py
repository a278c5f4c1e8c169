"""Lists that can be taken along, as their filters leave them: the page before it, and the download."""

from typing import Any

from django.contrib.admin.options import IncorrectLookupParameters
from django.core.exceptions import BadRequest, PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from chatsite.security import INERT
from conversations.admin.asking import SAY_WHY, reason_in
from conversations.admin.columns import number
from conversations.admin.table import Table, reader
from conversations.audit import address_of
from conversations.chat.export.stream import Stream
from conversations.errors import RateLimited
from conversations.exports import making, pages
from conversations.exports.kinds import TYPES, Kind
from conversations.exports.sheets import CSV, JSON_LINES
from conversations.ids import parsed, uuid7
from conversations.models.audit import REASON

NO_FILTER = _("These filters cannot be understood.")
FORMS = {
    CSV: _("CSV, for spreadsheets"),
    JSON_LINES: _("JSON Lines, for programs: an object in each line"),
}
# Of a list's address: which page of it is shown, and in which order.
NOT_FILTERS = ("p", "o", "ot", "all", "e", "_facets", "_popup", "_to_field")


class Exported(Table):
    """Another class of the table says what may be done with its rows."""

    kind: Kind
    change_list_template = "admin/exported.html"

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(
            require_http_methods(["GET", "HEAD", "POST"])(self.export_view)
        )
        name = f"conversations_{self.opts.model_name}_export"
        return [path("export/", view, name=name), *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        may = self.kind.may(reader(request))
        return super().changelist_view(request, {**(extra_context or {}), "may_export": may})

    def export_view(self, request: HttpRequest) -> HttpResponseBase:
        """GET asks, POST sends the file. The filters stand in the address, as they do in the list."""
        if not self.kind.may(reader(request)):
            raise PermissionDenied
        shown = self._shown_by(request)
        if request.method != "POST":
            return self._export_page(request, shown)
        form, why = request.POST.get("format", ""), reason_in(request)
        if form not in self.kind.forms:
            raise BadRequest
        if self.kind.wants_reason and not why:
            return self._export_page(request, shown, wrong=SAY_WHY, status=400)
        wanted = self._wanted(request, shown, form, why)
        try:
            return _download(wanted, Stream(reader(request), making.pieces(wanted)))
        except RateLimited as refusal:
            answer = self._export_page(
                request, shown, problem=str(refusal), why=why, status=refusal.http
            )
            answer["Retry-After"] = str(refusal.retry_after)
            return answer

    def _shown_by(self, request: HttpRequest) -> Any:
        """The list that the filters leave, by the list itself: what it refuses is refused here."""
        chosen = request.GET.copy()
        for name in NOT_FILTERS:
            chosen.pop(name, None)
        request.GET = chosen  # type: ignore[assignment]
        try:
            return self.get_changelist_instance(request)
        except IncorrectLookupParameters:
            raise BadRequest(NO_FILTER) from None

    def _wanted(self, request: HttpRequest, shown: Any, form: str, why: str) -> making.Wanted:
        return making.Wanted(
            kind=self.kind,
            form=form,
            rows=_rows(shown),
            by=reader(request),
            address=address_of(request),
            reason=why,
            filters=request.GET.dict(),
            id=parsed(request.POST.get("export", "")) or uuid7(),
        )

    def _export_page(
        self, request: HttpRequest, shown: Any, *, status: int = 200, **more: Any
    ) -> TemplateResponse:
        rows, is_counted = pages.expected(_rows(shown))
        context = {
            **self.admin_site.each_context(request),
            "title": _("Export"),
            "opts": self.opts,
            "kind": self.kind,
            "forms": [(form, FORMS[form]) for form in self.kind.forms],
            "rows": number(rows),
            "is_counted": is_counted,
            "narrowed": list(_narrowed(shown)),
            "back": shown.get_query_string(),
            "longest": REASON,
            "required": self.kind.wants_reason,
            **more,
        }
        return TemplateResponse(request, "admin/export.html", context, status=status)


def _rows(shown: Any) -> QuerySet[Any]:
    """Without the order of the list: each kind of export has one that an index serves."""
    rows: QuerySet[Any] = shown.queryset.order_by()
    return rows


def _narrowed(shown: Any) -> Any:
    """What was chosen beside the list, and what was searched for, in words."""
    for filter in shown.filter_specs:
        if typed := getattr(filter, "shown", "") or getattr(filter, "typed", ""):
            yield filter.title, typed
            continue
        others = list(filter.choices(shown))[1:]  # the first is all of them
        yield from ((filter.title, one["display"]) for one in others if one.get("selected"))
    if shown.query:
        yield _("Search"), shown.query


def _download(wanted: making.Wanted, made: Stream) -> StreamingHttpResponse:
    response = StreamingHttpResponse(made, content_type=TYPES[wanted.form])
    name = f"chatsite-{wanted.kind.name}-{timezone.localdate():%Y-%m-%d}.{wanted.form}"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Content-Security-Policy"] = INERT
    # What stands between would gather it, or break a line of it.
    response["Cache-Control"] = "no-store, no-transform"
    response["X-Accel-Buffering"] = "no"
    return response
