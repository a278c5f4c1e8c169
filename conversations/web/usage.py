"""The page of what one has used: by day and by model, and what is left of which budget."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from conversations import csv_safe, site
from conversations.models.budgets import Measure
from conversations.provider.catalogue import name_of
from conversations.reading.costs import shown
from conversations.usage import numbers
from conversations.usage.figures import Figures
from conversations.usage.own import Month, month_of
from conversations.usage.periods import EARLIEST, Step, moved
from conversations.usage.plots import Plot, Slot, plot
from conversations.usage.standing import Standing
from conversations.usage.too_much import said
from conversations.web.visitor import user_of

COLUMNS = ("messages", "input_tokens", "cached_input_tokens", "output_tokens", "reasoning_tokens")


@dataclass(frozen=True, slots=True)
class Row:
    name: str
    figures: Figures
    share: int = 0

    @property
    def messages(self) -> str:
        return _grouped(self.figures["questions"])

    @property
    def tokens(self) -> str:
        return _grouped(self.figures.tokens)

    @property
    def cost(self) -> str:
        return numbers.rounded(self.figures.cost_micros)


def _grouped(count: int) -> str:
    return number_format(count, force_grouping=True)


@never_cache
@require_safe
@login_required
def page(request: HttpRequest) -> HttpResponse:
    month, money = _month(request), site.now().shows_costs
    made = _asked(request, month)
    return render(request, "usage/index.html", _context(made, money=money))


@never_cache
@require_safe
@login_required
def table(request: HttpRequest) -> HttpResponse:
    """The same by day and model, for a spreadsheet."""
    made = _asked(request, _month(request))
    rows = [
        [name, key, *_cells(figures)]
        for name, parts in (("day", made.days), ("model", made.models))
        for key, figures in parts.items()
    ]
    answer = HttpResponse(
        csv_safe.table(["by", "key", *COLUMNS, "cost"], rows),
        content_type="text/csv; charset=utf-8",
    )
    name = f"usage-{made.period.begin:%Y-%m}.csv"
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _cells(figures: Figures) -> list[Any]:
    names = ("questions", *COLUMNS[1:])
    return [*(figures[name] for name in names), shown(figures.cost_micros)]


@transaction.atomic
def _asked(request: HttpRequest, month: date) -> Month:
    return month_of(user_of(request), month)


def _month(request: HttpRequest) -> date:
    """The one that is asked for, as 2026-11; else this one."""
    today = datetime.now(UTC).date()
    wanted = request.GET.get("month")
    if not wanted:
        return today.replace(day=1)
    if not wanted.isascii():
        raise Http404(_("There is no such month."))
    try:
        month = datetime.strptime(wanted, "%Y-%m").replace(tzinfo=UTC).date()
    except ValueError:
        raise Http404(_("There is no such month.")) from None
    if not EARLIEST <= month <= today:
        raise Http404(_("There is no such month."))
    return month


def _context(made: Month, *, money: bool) -> dict[str, Any]:
    begin, today = made.period.begin, datetime.now(UTC).date()
    after = moved(begin, Step.MONTH, 1)
    return {
        "money": money,
        "month": date_format(begin, "F Y"),
        "before": date_format(moved(begin, Step.MONTH, -1), "F Y"),
        "month_value": f"{begin:%Y-%m}",
        "earlier": f"{moved(begin, Step.MONTH, -1):%Y-%m}" if begin > EARLIEST else "",
        "later": f"{after:%Y-%m}" if after <= today else "",
        "facts": _facts(made, money=money),
        "plot": _plot(made, money=money),
        "days": _days(made),
        "models": _models(made, money=money),
        "budgets": [_budget(standing, money=money) for standing in made.standings],
    }  # fmt: skip


def _facts(made: Month, *, money: bool) -> list[tuple[str, str, str]]:
    """What it is, how much in this month, how much in the one before."""
    now, before = Row("", made.total), Row("", made.before)
    facts = [
        (_("Messages"), now.messages, before.messages),
        (_("Tokens"), now.tokens, before.tokens),
    ]
    return [(_("Cost"), now.cost, before.cost), *facts] if money else facts


def _days(made: Month) -> list[Row]:
    return [
        Row(date_format(day, _("D, j F")), figures)
        for day, figures in made.days.items()
        if figures["calls"]
    ]


def _plot(made: Month, *, money: bool) -> Plot:
    """By money, or by tokens where money is not shown or nothing had a price."""
    by_money = money and bool(made.total.cost_micros)
    title = _("Cost") if by_money else _("Tokens")
    short = numbers.short_money if by_money else numbers.short
    slots = [
        Slot(date_format(day, _("j M")), f"{date_format(day, _('D, j F'))}: {_said(figures, by_money)}",
             _values(figures, by_money=by_money))
        for day, figures in made.days.items()
    ]  # fmt: skip
    series = [] if by_money else [_("read by the model"), _("written by it")]
    says = _("{what}, {when}. The numbers are in the table below.").format(
        what=title, when=date_format(made.period.begin, "F Y")
    )
    return plot("own", title, says, slots, read=short, series=series, stacked=True, whole=True)


def _values(figures: Figures, *, by_money: bool) -> Sequence[float | None]:
    if by_money:
        return [figures.cost_micros]
    return [figures["input_tokens"], figures["output_tokens"]]


def _said(figures: Figures, by_money: bool) -> str:
    if by_money:
        return numbers.rounded(figures.cost_micros)
    return said(Measure.TOKENS, figures.tokens)


def _models(made: Month, *, money: bool) -> list[Row]:
    def weight(figures: Figures) -> int:
        return (figures.cost_micros or 0) if money and made.total.cost_micros else figures.tokens

    most = max((weight(figures) for figures in made.models.values()), default=0) or 1
    return [
        Row(name_of(id), figures, round(weight(figures) / most * 100))
        for id, figures in made.models.items()
    ]


def _budget(standing: Standing, *, money: bool) -> dict[str, Any]:
    used = standing.used + standing.reserved
    share = min(100, round(used / standing.limit * 100)) if standing.limit else 100
    amounts = [said(standing.measure, n) for n in (standing.left, standing.limit)]
    hidden = standing.measure == Measure.MONEY and not money
    return {
        "name": standing.name,
        "share": share,
        "state": standing.state,
        "left": "" if hidden else _("{left} of {limit} left").format(left=amounts[0], limit=amounts[1]),
        "renews": date_format(standing.renews_at, _("j F Y, H:i")),
    }  # fmt: skip
