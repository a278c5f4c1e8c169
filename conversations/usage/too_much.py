"""What is refused because a budget has no room for it, and the sentence that says so."""

from collections.abc import Iterable

from django.utils.formats import number_format
from django.utils.translation import gettext_lazy as _

from conversations import site
from conversations.errors import BudgetExceeded
from conversations.models.budgets import SHARED, Measure
from conversations.reading.costs import CENT, MICROS
from conversations.text import ngettext_noop, span, spoken_count
from conversations.usage.standing import NOTHING, Most, Standing

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


def refuse_what_is_too_much(
    standings: Iterable[Standing], most: Most, held: Most = NOTHING
) -> None:
    """Raises BudgetExceeded for the one that renews last of those without room: before that there is
    no use in trying again. `held` is what is reserved for it already."""
    full = [standing for standing in standings if not standing.has_room_for(most - held)]
    if full:
        last = max(full, key=lambda standing: standing.renews_at)
        raise _exceeded(last, most, held)


def _exceeded(full: Standing, most: Most, held: Most) -> BudgetExceeded:
    names = {"name": full.name, "time": span(full.seconds)}
    sentence = ALL_GONE
    left = full.limit - full.used - full.reserved + held.of(full.measure)
    if left > 0:
        sentence = TOO_LITTLE_OF_MINE if _may_be_told(full) else TOO_LITTLE
        wanted = most.of(full.measure)
        names |= {"left": said(full.measure, left), "most": said(full.measure, wanted)}
    return BudgetExceeded(sentence, names=names, retry_after=full.seconds)


def _may_be_told(full: Standing) -> bool:
    shows_it = full.measure != Measure.MONEY or site.now().row.shows_costs
    return full.scope not in SHARED and shows_it


def said(measure: str, amount: int) -> str:
    """So much, as people say it."""
    if measure != Measure.MONEY:
        return spoken_count(amount, COUNTED[Measure(measure)])
    return f"${number_format(amount / MICROS, decimal_pos=_places(amount), force_grouping=True)}"


def _places(micros: int) -> int:
    """Of less than a dollar what is under a cent counts, too: an answer costs no more than that."""
    if abs(micros) >= MICROS or micros % CENT == 0:
        return 2
    return 4 if abs(micros) >= CENT // 100 else 6
