"""The numbers at the top of the desk: a card with a plot for each kind of number, and who and what they
come from."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from conversations import oversight
from conversations.admin.asked import Asked
from conversations.admin.columns import number, seconds
from conversations.models import Purpose, User
from conversations.provider.catalogue import name_of
from conversations.review.dashboard import Board, Part, board
from conversations.usage.figures import Figures
from conversations.usage.numbers import (
    change,
    in_words,
    percent,
    rounded,
    short,
    short_money,
    short_percent,
    short_seconds,
    slot_in_full,
    slot_name,
)
from conversations.usage.periods import NAMES, Period, Step, moved
from conversations.usage.plots import Plot, Slot, plot

RANGES = {
    "24h": gettext_lazy("24 hours"),
    "7d": gettext_lazy("7 days"),
    "30d": gettext_lazy("30 days"),
    "90d": gettext_lazy("90 days"),
    "12m": gettext_lazy("12 months"),
}
NO_DAYS = {"from": None, "to": None}
# What the list of calls calls them; a group it does not know.
FILTERS = {"model": "model", "purpose": "purpose__exact", "person": "person"}
CALLS = "admin:conversations_providercall_changelist"
Values = list[float | None]


@dataclass(frozen=True, slots=True)
class Metric:
    """One kind of number: what it is called, how it is read, and where it comes from."""

    name: str
    title: Any
    read: Callable[[Any], str]
    short: Callable[[float], str]
    # Of some figures and of how many people they are.
    values: Callable[[Figures, int], Values]
    series: Sequence[Any] = ()
    stacked: bool = False
    # What stands largest on the card, where it is not the sum of the series.
    total: Callable[[Figures, int], float | None] | None = None

    def of_all(self, figures: Figures, people: int) -> float | None:
        if self.total:
            return self.total(figures, people)
        known = [value for value in self.values(figures, people) if value is not None]
        return sum(known) if known else None


METRICS = (
    Metric("cost", gettext_lazy("Cost"), rounded, short_money, lambda f, _: [f.cost_micros]),
    Metric(
        "tokens", gettext_lazy("Tokens"), number, short,
        lambda f, _: [f["input_tokens"], f["output_tokens"]],
        series=(gettext_lazy("read by the model"), gettext_lazy("written by it")), stacked=True,
    ),
    Metric("messages", gettext_lazy("Messages"), number, short, lambda f, _: [f["questions"]]),
    Metric("people", gettext_lazy("People active"), number, short, lambda _, people: [people]),
    Metric(
        "wait", gettext_lazy("Time to the first token"), seconds, short_seconds,
        lambda f, _: [f.wait(50), f.wait(95)],
        series=(gettext_lazy("half of the answers"), gettext_lazy("95 of 100 answers")),
        total=lambda f, _: f.wait(50),
    ),
    Metric(
        "errors", gettext_lazy("Error rate"), percent, short_percent, lambda f, _: [f.error_rate],
    ),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Card:
    metric: Metric
    total: str
    beside: str
    arrow: str
    words: str
    plot: Plot
    head: Sequence[Any]
    rows: list[tuple[str, list[str]]]


@dataclass(frozen=True, slots=True)
class Row:
    """A model, purpose, group or person, and what of all is theirs."""

    name: str
    link: str
    calls: str
    share: int
    figures: Figures

    @property
    def cost(self) -> str:
        return rounded(self.figures.cost_micros)

    @property
    def tokens(self) -> str:
        return number(self.figures.tokens)

    @property
    def messages(self) -> str:
        return number(self.figures["questions"])

    @property
    def errors(self) -> str:
        return percent(self.figures.error_rate)


@dataclass(frozen=True, slots=True)
class Breakdown:
    name: str
    title: str
    rows: list[Row]


@transaction.atomic
def numbers(asked: Asked) -> Board:
    return board(asked.period, asked.scope)


def context(asked: Asked) -> dict[str, Any]:
    """What templates/admin/dashboard.html shows."""
    made = numbers(asked)
    return {
        "asked": asked,
        "ranges": [(RANGES[name], asked.link(**{**NO_DAYS, "range": name}), name) for name in NAMES],
        "narrowed": _narrowed(asked),
        "in_words": in_words(asked.period),
        "before_in_words": in_words(asked.period.before),
        "cards": _cards(made, _times(asked)),
        "breakdowns": [*_breakdowns(made, asked)],
        "calls": _calls(asked),
        "csv": f"{reverse('admin:numbers')}{asked.link()}",
    }  # fmt: skip


# What is asked for -----------------------------------------------------------------------------------


def _narrowed(asked: Asked) -> list[tuple[str, str]]:
    """Each thing that the numbers are narrowed to, and the page without it."""
    scope, named = asked.scope, []
    if scope.person:
        seen = User.objects.all() if scope.seen is None else scope.seen
        person = seen.filter(pk=scope.person).values_list("username", flat=True).first()
        named.append(("person", person or str(scope.person)))
    if scope.group is not None:
        group = (
            oversight.groups_in(scope.seen)
            .filter(pk=scope.group)
            .values_list("name", flat=True)
            .first()
        )
        named.append(("group", group or str(scope.group)))
    if scope.model:
        named.append(("model", name_of(scope.model)))
    if scope.provider:
        named.append(("provider", scope.provider))
    if scope.purpose:
        named.append(("purpose", str(dict(Purpose.choices).get(scope.purpose, scope.purpose))))
    return [(text, asked.link(**{name: None})) for name, text in named]


def _calls(asked: Asked, **other: Any) -> str:
    """The rows of the ledger that these numbers come from."""
    begin, end = asked.period.begin, asked.period.end
    within = {"at__gte": _moment(begin), "at__lt": _moment(end)}
    said = {name: asked.said.get(name) for name in ("model", "person")}
    said["purpose__exact"] = asked.said.get("purpose")
    query = {name: value for name, value in {**within, **said, **other}.items() if value}
    return f"{reverse(CALLS)}?{urlencode(query)}"


def _moment(day: date) -> str:
    return day.isoformat() if isinstance(day, datetime) else f"{day.isoformat()}T00:00:00+00:00"


# Cards -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Time:
    """A slot as all cards name it, and where its bars lead to. Said once for all of them: to say the dates
    of a quarter takes longer than to add up its calls."""

    slot: date
    short: str
    full: str
    link: str


def _times(asked: Asked) -> list[Time]:
    step = asked.period.step
    return [
        Time(slot, slot_name(slot, step), slot_in_full(slot, step), _into(asked, slot))
        for slot in asked.period.slots
    ]


def _into(asked: Asked, slot: date) -> str:
    """A month leads to its days, a day or an hour to its calls."""
    step = asked.period.step
    if step == Step.MONTH:
        last = moved(slot, step, 1) - timedelta(1)
        return asked.link(range="own", **{"from": slot.isoformat(), "to": last.isoformat()})
    within = {"at__gte": _moment(slot), "at__lt": _moment(moved(slot, step, 1))}
    return _calls(asked, **within)


def _cards(made: Board, times: list[Time]) -> list[Card]:
    return [_card(metric, made, times) for metric in METRICS]


def _card(metric: Metric, made: Board, times: list[Time]) -> Card:
    total = metric.of_all(made.now, made.people)
    before = metric.of_all(made.before, made.people_before)
    arrow, words = change(total, before)
    values = [
        metric.values(made.slots[time.slot], made.people_by_slot.get(time.slot, 0))
        for time in times
    ]
    said = [[metric.read(value) for value in some] for some in values]
    return Card(
        metric=metric,
        total=metric.read(total),
        beside=_beside(metric, made.now),
        arrow=arrow,
        words=words,
        plot=_plot(metric, made.period, [*zip(times, values, said, strict=True)]),
        head=metric.series or [metric.title],
        rows=[(time.full, words) for time, words in zip(times, said, strict=True)],
    )


def _beside(metric: Metric, figures: Figures) -> str:
    if metric.name != "wait" or figures.wait(95) is None:
        return ""
    return _("half of the answers; 95 of 100 within {time}").format(time=seconds(figures.wait(95)))


def _plot(metric: Metric, period: Period, shown: list[tuple[Time, Values, list[str]]]) -> Plot:
    slots = [
        Slot(time.short, f"{time.full}: {' / '.join(said)}", values, time.link)
        for time, values, said in shown
    ]
    says = _("{what}, {when}. The numbers are in the table below.").format(
        what=metric.title, when=in_words(period)
    )
    series = [str(name) for name in metric.series]
    return plot(
        metric.name, str(metric.title), says, slots,
        read=metric.short, series=series, stacked=metric.stacked, whole=metric.read is number,
    )  # fmt: skip


# Who and what ----------------------------------------------------------------------------------------


def _breakdowns(made: Board, asked: Asked) -> Iterable[Breakdown]:
    kinds = (
        ("model", _("By model"), made.models),
        ("purpose", _("By purpose"), made.purposes),
        ("group", _("By group"), made.groups),
        ("person", _("By person"), made.persons),
    )
    for name, title, parts in kinds:
        if parts:
            most = max(_weight(part, made) for part in parts) or 1
            rows = [
                _row(name, part, asked, round(_weight(part, made) / most * 100)) for part in parts
            ]
            yield Breakdown(name, title, rows)


def _weight(part: Part, made: Board) -> int:
    """By money, where there is any."""
    return part.figures.cost_micros or 0 if made.now["cost_micros"] else part.figures.tokens


def _row(name: str, part: Part, asked: Asked, share: int) -> Row:
    link = asked.link(**{name: part.key}) if part.key else ""
    filter = FILTERS.get(name)
    calls = _calls(asked, **{filter: part.key}) if filter and part.key else ""
    return Row(_named(name, part), link, calls, share, part.figures)


def _named(name: str, part: Part) -> str:
    """A model by what people know it as."""
    known = name_of(part.name) if name == "model" else part.name
    return known or _nameless(name)


def _nameless(name: str) -> str:
    return _("Somebody who was erased") if name == "person" else _("Nobody's")
