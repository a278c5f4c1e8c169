"""How a budget stands, and what is too much for it. Arithmetic only: nothing is asked of Postgres."""

import math
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from conversations.models.budgets import Measure, Period

# From here on those whom it concerns are told.
WARN_AT = 0.8


@dataclass(frozen=True, slots=True)
class Most:
    """The most that a call, or all calls of a run, can come to."""

    micros: int = 0
    tokens: int = 0
    messages: int = 0

    def __or__(self, other: "Most") -> "Most":
        """The dearer of two, of which one will be made."""
        return Most(
            max(self.micros, other.micros),
            max(self.tokens, other.tokens),
            max(self.messages, other.messages),
        )

    def __add__(self, other: "Most") -> "Most":
        return Most(
            self.micros + other.micros,
            self.tokens + other.tokens,
            self.messages + other.messages,
        )

    def __sub__(self, other: "Most") -> "Most":
        return Most(
            self.micros - other.micros,
            self.tokens - other.tokens,
            self.messages - other.messages,
        )

    def fits_in(self, other: "Most") -> bool:
        return (self | other) == other

    def of(self, measure: str) -> int:
        return {
            Measure.MONEY: self.micros,
            Measure.TOKENS: self.tokens,
            Measure.MESSAGES: self.messages,
        }[Measure(measure)]


NOTHING = Most()


@dataclass(frozen=True, slots=True)
class Standing:
    """One budget as it stands for one person, or for all whom it counts together, at the moment `now`. Its
    fields are the columns of the statements that ask for it, in their order (budgets.py, overview.py)."""

    id: int
    name: str
    scope: str
    measure: str
    period: str
    limit: int
    began: datetime
    used: int
    reserved: int
    now: datetime

    @property
    def left(self) -> int:
        """For whoever asks now: what is reserved may come back, and may not."""
        return max(0, self.limit - self.used - self.reserved)

    @property
    def renews_at(self) -> datetime:
        return end_of(self.period, self.began)

    @property
    def seconds(self) -> int:
        return max(1, math.ceil((self.renews_at - self.now).total_seconds()))

    @property
    def share(self) -> float:
        """How much of it is spent. Nothing of nothing is all of it."""
        return self.used / self.limit if self.limit else 1.0

    @property
    def state(self) -> str:
        if self.share >= 1:
            return "full"
        return "warned" if self.share >= WARN_AT else "ok"

    def has_room_for(self, most: Most) -> bool:
        """What takes nothing of it is no concern of a budget, however full that is."""
        wanted = most.of(self.measure)
        return wanted <= 0 or self.used + self.reserved + wanted <= self.limit


def begin_of(period: str, moment: datetime) -> datetime:
    """Of the period that `moment` falls into, by the clock of UTC."""
    hour = moment.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    if period == Period.HOUR:
        return hour
    day = hour.replace(hour=0)
    if period == Period.WEEK:
        return day - timedelta(days=day.weekday())
    return day.replace(day=1) if period == Period.MONTH else day


def end_of(period: str, began: datetime) -> datetime:
    if period == Period.MONTH:
        return begin_of(period, began + timedelta(days=32))
    lengths = {Period.HOUR: 1, Period.DAY: 24, Period.WEEK: 7 * 24}
    return began.astimezone(UTC) + timedelta(hours=lengths[Period(period)])
