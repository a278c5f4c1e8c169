"""Sums of use in words: short ones for plots, exact ones for tables."""

from datetime import date
from decimal import Decimal

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from conversations.reading.costs import MICROS
from conversations.usage.periods import Period, Step

THOUSANDS = ((1_000_000_000, "G"), (1_000_000, "M"), (1_000, "k"))
FEW = 10
HUNDRED = 100
CENT = MICROS // 100
# From here on a number of times is easier to grasp than one of per cent.
MANY_TIMES = 5


def short(value: float) -> str:
    """1,234 as 1.2k: beside a plot there is room for five signs."""
    for unit, sign in THOUSANDS:
        if value >= unit:
            return f"{_few(value / unit)}{sign}"
    return _few(value)


def _few(value: float) -> str:
    return f"{value:.3g}" if value < FEW else f"{value:,.0f}"


def short_money(micros: float) -> str:
    dollars = micros / MICROS
    # By way of Decimal: a float of so little is written with an exponent.
    return f"${short(dollars)}" if dollars >= FEW else f"${Decimal(f'{dollars:.3g}'):f}"


def short_seconds(value: float) -> str:
    return f"{value:.3g} s"


def rounded(micros: int | None) -> str:
    """For a sum that is read at a glance: to the cent."""
    if micros is None:
        return "–"
    return f"${Decimal(micros) / MICROS:,.2f}" if micros >= CENT or not micros else "< $0.01"


def percent(share: float | None) -> str:
    return "–" if share is None else f"{share * HUNDRED:.1f} %"


def slot_name(slot: date, step: Step) -> str:
    """As it stands below a bar."""
    if step == Step.HOUR:
        return date_format(slot, "H:i")
    return date_format(slot, "M Y" if step == Step.MONTH else "j M")


def slot_in_full(slot: date, step: Step) -> str:
    if step == Step.HOUR:
        return date_format(slot, "j F, H:i")
    return date_format(slot, "F Y" if step == Step.MONTH else "D, j F Y")


def in_words(period: Period) -> str:
    first, last = (slot_in_full(day, period.step) for day in (period.begin, period.last))
    if period.step == Step.MONTH:
        last = slot_in_full(period.slots[-1], period.step)
    return first if first == last else _("{first} to {last}").format(first=first, last=last)


def change(now: float | None, before: float | None) -> tuple[str, str]:
    """An arrow, and the same in words."""
    if not before:
        return "", _("nothing to compare with in the time before")
    share = ((now or 0) - before) / before
    if abs(share) < 0.005:
        return "→", _("as in the time before")
    if share >= MANY_TIMES:
        many = f"{(now or 0) / before:,.0f}"
        return "↑", _("{count} times as much as in the time before").format(count=many)
    count = f"{abs(share) * HUNDRED:,.0f}"
    if share > 0:
        return "↑", _("{count} % more than in the time before").format(count=count)
    return "↓", _("{count} % less than in the time before").format(count=count)
