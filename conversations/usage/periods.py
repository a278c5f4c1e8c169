"""Ranges of time as people ask for them, cut into hours, days or months; and the one before."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum

# More bars than this are not told apart; a longer range is shown by month, and of whole months.
MOST_DAYS = 92
# Before this nobody asked a model anything.
EARLIEST = date(2015, 1, 1)
DAYS = {"7d": 7, "30d": 30, "90d": 90}
NAMES = ("24h", *DAYS, "12m")


class Step(StrEnum):
    HOUR = "hour"
    DAY = "day"
    MONTH = "month"


@dataclass(frozen=True, slots=True)
class Period:
    """From `begin` to before `end`: moments where it is cut into hours, days where it is not. In UTC."""

    step: Step
    begin: date
    end: date

    @property
    def slots(self) -> list[date]:
        found, slot = [], self.begin
        while slot < self.end:
            found.append(slot)
            slot = moved(slot, self.step, 1)
        return found

    @property
    def before(self) -> "Period":
        """The one of as many steps that ended when this one began."""
        return Period(self.step, moved(self.begin, self.step, -len(self.slots)), self.begin)

    def pieces(self, today: date) -> "list[Period]":
        """The same days, those of whole months as months. A month is whole also when the rest of it is
        still to come."""
        begin = moved(self.begin - timedelta(1), Step.MONTH, 1)
        last = self.end if self.end <= today else moved(self.last, Step.MONTH, 1)
        end = last.replace(day=1)
        if begin >= end:
            return [self]
        around = Period(self.step, self.begin, begin), Period(self.step, end, self.end)
        return [Period(Step.MONTH, begin, end), *(days for days in around if days.begin < days.end)]

    @property
    def last(self) -> date:
        """Its last day, or hour."""
        return self.end - timedelta(hours=1) if self.step == Step.HOUR else self.end - timedelta(1)


def moved(slot: date, step: Step, count: int) -> date:
    if step == Step.HOUR:
        return slot + timedelta(hours=count)
    if step == Step.DAY:
        return slot + timedelta(days=count)
    months = slot.year * 12 + slot.month - 1 + count
    return date(months // 12, months % 12 + 1, 1)


def named(name: str, now: datetime) -> Period:
    """One of NAMES: the hour, day or month of `now` is the last of it."""
    if name == "24h":
        end = now.astimezone(UTC).replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
        return Period(Step.HOUR, end - timedelta(hours=24), end)
    today = now.astimezone(UTC).date()
    if name == "12m":
        return months(moved(today.replace(day=1), Step.MONTH, -11), today)
    return Period(Step.DAY, today - timedelta(DAYS[name] - 1), today + timedelta(1))


def between(first: date, last: date) -> Period:
    """From the first to the last day, both included. Raises ValueError where that is no range."""
    if not EARLIEST <= first <= last <= date(2999, 12, 31):
        raise ValueError
    if (last - first).days >= MOST_DAYS:
        return months(first, last)
    return Period(Step.DAY, first, last + timedelta(1))


def months(first: date, last: date) -> Period:
    """Whole ones: that of the first day to that of the last."""
    return Period(Step.MONTH, first.replace(day=1), moved(last.replace(day=1), Step.MONTH, 1))
