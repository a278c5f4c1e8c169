"""How a budget stands, as the desk shows it: a bar, and the words that say the same."""

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from conversations.models import User
from conversations.models.budgets import EACH_HAS_ONE
from conversations.usage import budgets
from conversations.usage.standing import Standing
from conversations.usage.too_much import said

USED = _("{used} used, {reserved} reserved, {left} left")
MOST_USED = _("at most {used} used by one person")


def bar(standing: Standing, *, of_many: bool = True) -> SafeString:
    """In words, and as a bar that is found at a glance."""
    told = MOST_USED if of_many and standing.scope in EACH_HAS_ONE else USED
    amounts = {"used": standing.used, "reserved": standing.reserved, "left": standing.left}
    words = told.format(**{name: said(standing.measure, one) for name, one in amounts.items()})
    full = min(100, round(standing.share * 100))
    return format_html(
        '<span class="desk-budget desk-budget-{}"><progress max="100" value="{}" aria-hidden="true">'
        "</progress> {} % <small>{}</small></span>",
        standing.state, full, full, words,
    )  # fmt: skip


def bars_of(person: User) -> str | SafeString:
    """Every budget that counts for somebody."""
    found = [(one.name, bar(one, of_many=False)) for one in budgets.standings_for(person.pk)]
    return format_html_join("", "<div>{} {}</div>", found) if found else "–"
