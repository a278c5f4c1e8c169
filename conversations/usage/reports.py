"""What a person has used, summed: whole days from the sums that are kept, what is left of days from the
ledger. Right to the token at any moment, and as quick after 100,000 calls as after ten."""

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from typing import Any

from django.db.models import QuerySet, Sum

from conversations.models import CallUse, DailyUseNow, User
from conversations.reading.costs import shown
from conversations.usage.figures import PLAIN, Figures

GROUPS = ("day", "model", "purpose")
TOKENS = ("input_tokens", "cached_input_tokens", "output_tokens")
DAY = timedelta(days=1)


def used(
    user: User, group: str, begin: datetime | None = None, end: datetime | None = None
) -> list[dict[str, Any]]:
    """One row a key of `group` (one of GROUPS), from `begin` to before `end`."""
    return [
        _item(key, figures) for key, figures in sorted(figures_of(user, group, begin, end).items())
    ]


def figures_of(
    user: User, group: str, begin: datetime | None = None, end: datetime | None = None
) -> dict[Any, Figures]:
    found: dict[Any, Figures] = {}
    sums = {f"sum_{name}": Sum(name) for name in PLAIN}
    for rows in _within(begin, end):
        mine = rows.filter(user=user).order_by().values(group).annotate(**sums)
        for key, *values in mine.values_list(group, *sums):
            found.setdefault(key, Figures.plain()).add(values)
    return found


def _within(begin: datetime | None, end: datetime | None) -> Iterator[QuerySet[Any]]:
    """Rows that together are the range, none of them twice."""
    first = _next_midnight(begin) if begin else None
    last = _midnight(end) if end else None
    if first and last and first > last:  # within one day
        yield CallUse.objects.filter(at__gte=begin, at__lt=end)
        return
    if begin and begin != first:
        yield CallUse.objects.filter(at__gte=begin, at__lt=first)
    if end and end != last:
        yield CallUse.objects.filter(at__gte=last, at__lt=end)
    days = DailyUseNow.objects.all()
    days = days.filter(day__gte=first.date()) if first else days
    yield days.filter(day__lt=last.date()) if last else days


def _midnight(moment: datetime) -> datetime:
    return datetime.combine(moment.astimezone(UTC).date(), time.min, UTC)


def _next_midnight(moment: datetime) -> datetime:
    midnight = _midnight(moment)
    return midnight if midnight == moment else midnight + DAY


def _item(key: Any, figures: Figures) -> dict[str, Any]:
    counts = {name: figures[name] for name in TOKENS}
    return {
        "key": str(key),
        "requests": figures["calls"],
        **counts,
        "cost": shown(figures.cost_micros),
    }
