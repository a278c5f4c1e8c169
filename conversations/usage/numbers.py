"""Sums of use in words: short ones for plots, exact ones for tables."""

from datetime import date
from decimal import Decimal

from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _

from conversations.reading.costs import CENT, MICROS
from conversations.usage.periods import Period, Step

THOUSANDS = ((1_000_000_000, "G"), (1_000_000, "M"), (1_000, "k"))
FEW = 10
HUNDRED = 100
# From here on a number of times is easier to grasp than one of per cent.
MANY_TIMES = 5


def spoken(digits: str) -> str:
    """What was rounded already, with the point and the commas of the reader's language. (Of a float Django
    cuts off what is too much.)"""
    return number_format(digits, force_grouping=True)


def short(value: float) -> str:
    """1,234 as 1.2k: beside a plot there is room for five signs."""
    for unit, sign in THOUSANDS:
        if value >= unit:
            return f"{_few(value / unit)}{sign}"
    return _few(value)


def _few(value: float) -> str:
    return spoken(f"{value:.3g}" if value < FEW else f"{value:.0f}")


def short_money(micros: float) -> str:
    dollars = micros / MICROS
    if dollars >= FEW:
        return f"${short(dollars)}"
    # By way of Decimal: a float of so little is written with an exponent.
    digits = f"{Decimal(f'{dollars:.3g}'):f}"
    whole, _point, cents = digits.partition(".")
    return f"${spoken(f'{whole}.{cents:0<2}' if cents else whole)}"


def short_seconds(value: float) -> str:
    return f"{spoken(f'{value:.3g}')} s"


def rounded(micros: int | None) -> str:
    """For a sum that is read at a glance: to the cent."""
    if micros is None:
        return "–"
    if 0 < micros < CENT:
        return f"< ${spoken('0.01')}"
    return f"${spoken(f'{Decimal(micros) / MICROS:.2f}')}"


def percent(share: float | None) -> str:
    return "–" if share is None else f"{spoken(f'{share * HUNDRED:.1f}')} %"


def short_percent(share: float) -> str:
    return f"{spoken(f'{share * HUNDRED:.3g}')} %"


def slot_name(slot: date, step: Step) -> str:
    """As it stands below a bar."""
    if step == Step.HOUR:
        return date_format(slot, "H:i")
    return date_format(slot, "M Y" if step == Step.MONTH else _("j M"))


def slot_in_full(slot: date, step: Step) -> str:
    if step == Step.HOUR:
        return date_format(slot, _("j F, H:i"))
    return date_format(slot, "F Y" if step == Step.MONTH else _("D, j F Y"))


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
        many = spoken(f"{(now or 0) / before:.0f}")
        return "↑", _("{count} times as much as in the time before").format(count=many)
    count = spoken(f"{abs(share) * HUNDRED:.0f}")
    if share > 0:
        return "↑", _("{count} % more than in the time before").format(count=count)
    return "↓", _("{count} % less than in the time before").format(count=count)
