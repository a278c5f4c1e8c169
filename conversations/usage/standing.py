"""How a budget stands, and what is too much for it. Arithmetic only: nothing is asked of Postgres."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.utils.formats import number_format
from django.utils.translation import gettext_lazy as _

from conversations.errors import BudgetExceeded
from conversations.models.budgets import SHARED, Measure, Period
from conversations.text import ngettext_noop, span, spoken_count

# From here on those whom it concerns are told.
WARN_AT = 0.8
MICROS = 1_000_000

ALL_GONE = _("The budget “{name}” is used up. It renews in {time}.")
# What a budget of many has left is nobody's in particular.
TOO_LITTLE = _("What is left of the budget “{name}” is not enough for this. It renews in {time}.")
TOO_LITTLE_OF_MINE = _(
    "Your budget “{name}” has {left} left, and this may take up to {most}. It renews in {time}."
)
COUNTED = {
    Measure.TOKENS: ngettext_noop("{} token", "{} tokens"),
    Measure.MESSAGES: ngettext_noop("{} message", "{} messages"),
}


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


@dataclass(frozen=True, slots=True)
class Standing:
    """One budget as it stands for one person, or for all whom it counts together, at the moment `now`."""

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


def refuse_what_is_too_much(standings: Iterable[Standing], most: Most) -> None:
    """Raises BudgetExceeded for the one that renews last of those without room: before that there is
    no use in trying again."""
    full = [standing for standing in standings if not standing.has_room_for(most)]
    if full:
        last = max(full, key=lambda standing: standing.renews_at)
        raise _exceeded(last, most)


def _exceeded(full: Standing, most: Most) -> BudgetExceeded:
    names = {"name": full.name, "time": span(full.seconds)}
    sentence = ALL_GONE
    if full.left > 0:
        sentence = TOO_LITTLE if full.scope in SHARED else TOO_LITTLE_OF_MINE
        wanted = most.of(full.measure)
        names |= {"left": said(full.measure, full.left), "most": said(full.measure, wanted)}
    return BudgetExceeded(sentence, names=names, retry_after=full.seconds)


def said(measure: str, amount: int) -> str:
    """So much, as people say it. Of money, never less than it is by rounding away the cents."""
    if measure != Measure.MONEY:
        return spoken_count(amount, COUNTED[Measure(measure)])
    places = 2 if abs(amount) >= MICROS // 100 or not amount else 6
    return f"${number_format(amount / MICROS, decimal_pos=places, force_grouping=True)}"


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
