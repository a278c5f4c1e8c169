"""The numbers of the desk's first page for a spreadsheet."""

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from conversations import csv_safe
from conversations.admin import dashboard
from conversations.admin.asked import asked
from conversations.admin.site import DAY, desk

BY = ("time", "model", "purpose", "group", "person")


@require_safe
def numbers(request: HttpRequest) -> HttpResponse:
    if not request.user.has_perms(DAY):
        raise PermissionDenied
    by = request.GET.get("by", "time")
    if by not in BY:
        raise Http404
    head, rows = dashboard.rows(asked(request), by)
    answer = HttpResponse(csv_safe.table(head, rows), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="chatsite-by-{by}.csv"'
    return answer


desk.page("numbers.csv", numbers, "numbers")
