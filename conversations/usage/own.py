"""What a person sees of their own use: one month beside the one before, and what is left of their budgets."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any

from conversations.models import User
from conversations.usage import budgets
from conversations.usage.figures import Figures
from conversations.usage.periods import Period, Step, months
from conversations.usage.reports import figures_of
from conversations.usage.standing import Standing


@dataclass(frozen=True, slots=True)
class Month:
    period: Period
    total: Figures
    before: Figures
    days: dict[date, Figures]
    models: dict[str, Figures]
    standings: list[Standing]


def month_of(user: User, day: date) -> Month:
    """The month of `day`."""
    period = months(day, day)
    days, models = (_figures(user, group, period) for group in ("day", "model"))
    return Month(
        period,
        total=_sum(models.values()),
        before=_sum(_figures(user, "model", period.before).values()),
        days={day: days.get(day, Figures.plain()) for day in _days(period)},
        models=dict(sorted(models.items(), key=_dearest)),
        standings=budgets.standings_for(user.pk) if budgets.exist() else [],
    )


def _figures(user: User, group: str, period: Period) -> dict[Any, Figures]:
    begin, end = (datetime.combine(day, time.min, UTC) for day in (period.begin, period.end))
    return figures_of(user, group, begin, end)


def _days(period: Period) -> list[date]:
    return Period(Step.DAY, period.begin, period.end).slots


def _sum(parts: Iterable[Figures]) -> Figures:
    total = Figures.plain()
    for figures in parts:
        total.add(figures.sums)
    return total


def _dearest(item: tuple[str, Figures]) -> tuple[int, int]:
    return -(item[1].cost_micros or 0), -item[1].tokens
