"""The numbers of the desk's first page for a spreadsheet."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from conversations import csv_safe
from conversations.admin import dashboard
from conversations.admin.asked import Asked, asked
from conversations.admin.site import DAY, desk
from conversations.reading.costs import dollars
from conversations.usage.figures import Figures

# As the file calls them.
COLUMNS = (
    "cost", "input_tokens", "cached_input_tokens", "output_tokens", "reasoning_tokens",
    "messages", "calls", "errors",
)  # fmt: skip
BY = ("time", "model", "purpose", "group", "person")


@require_safe
def numbers(request: HttpRequest) -> HttpResponse:
    if not request.user.has_perms(DAY):
        raise PermissionDenied
    by = request.GET.get("by", "time")
    if by not in BY:
        raise Http404
    head, rows = _rows(asked(request), by)
    answer = HttpResponse(csv_safe.table(head, rows), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="chatsite-by-{by}.csv"'
    return answer


def _rows(wanted: Asked, by: str) -> tuple[list[str], list[list[Any]]]:
    """What the page shows, for a spreadsheet: by time, or by what they come from."""
    made = dashboard.numbers(wanted)
    if by == "time":
        head = ["from", *COLUMNS, "people", "first_token_p50", "first_token_p95"]
        return head, [
            [slot.isoformat(), *_cells(figures), made.people_by_slot.get(slot, 0),
             figures.wait(50), figures.wait(95)]
            for slot, figures in made.slots.items()
        ]  # fmt: skip
    parts = {
        "model": made.models, "purpose": made.purposes, "group": made.groups, "person": made.persons,
    }[by]  # fmt: skip
    return [by, "name", *COLUMNS], [
        [str(part.key or ""), part.name, *_cells(part.figures)] for part in parts
    ]


def _cells(figures: Figures) -> list[Any]:
    tokens = [figures[name] for name in COLUMNS[1:5]]
    counts = [figures[name] for name in ("questions", "calls", "errors")]
    return [dollars(figures.cost_micros), *tokens, *counts]


desk.page("numbers.csv", numbers, "numbers")
