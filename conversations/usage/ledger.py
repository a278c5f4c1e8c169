"""One row for every call to a provider; rows are only ever added. Nobody else writes them."""

from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Protocol
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from conversations.ids import uuid7
from conversations.models import ProviderCall, Purpose, Reservation
from conversations.provider.interface import Model, Piece, Prices, Report, Request, Usage
from conversations.usage import budgets, corrections, limits, tally
from conversations.usage.prices import cost_micros

# How a call ends that was never made: the answer was there already, and costs nothing.
CACHED = "cached"
# How the calls of a run end whose process is gone: one row stands for all of them, and is no attempt that
# the process itself would know of.
LOST, NO_ATTEMPT = "lost", 0
FOUND = "the process lives after all and has entered its calls itself"


@dataclass(slots=True)
class Call:
    """One attempt, as the conductor saw it. Times are in seconds."""

    at: datetime
    attempt: int
    report: Report = field(default_factory=Report)
    outcome: str = ""
    first_token_seconds: float | None = None
    seconds: float = 0.0
    # Whom it was made to; None: the one model that all calls were made to.
    model: Model | None = None
    # What was asked and what came: to count by, where the provider does not say what it took.
    request: Request | None = None
    heard: list[Piece] = field(default_factory=list)
    # What it took where the provider did not say, and whether that is an estimate (runs/estimate.py).
    counted: Usage | None = None
    estimated: bool = False
    # Of its row: whoever enters it twice adds nothing.
    id: UUID = field(default_factory=uuid7)
    # It was noted by itself that it is under way (usage/budgets.py).
    is_noted: bool = False

    @property
    def usage(self) -> Usage | None:
        return self.report.usage or self.counted

    @property
    def image_tokens(self) -> int | None:
        """As reported, else by the formula of its model."""
        usage = self.usage
        if usage is None or usage.images is not None:
            return usage.images if usage else None
        return min(usage.input, self.request.picture_tokens) if self.request else 0


class Charged(Protocol):
    """Who is to pay for what. Ids, not rows: money was spent also where everything is gone by now.
    Without a user it is on nobody's account."""

    @property
    def run(self) -> UUID | None: ...
    @property
    def user(self) -> UUID | None: ...
    @property
    def conversation(self) -> UUID | None: ...


@dataclass(frozen=True, slots=True)
class Bill:
    """For what is no part of a run: a title, a summary, a trial of our own prompts."""

    user: UUID | None
    conversation: UUID | None = None
    run: None = None


def enter(
    ticket: Charged,
    model: Model,
    calls: list[Call],
    purpose: Purpose = Purpose.CHAT,
    prompt: str = "",
) -> int | None:
    """Write the calls of a run down. What they cost in all, None where that is not known. `prompt` is
    the tag of that of our own which was used (runs/prompts).

    Doing it again adds nothing: whoever does not know whether a commit arrived may repeat it.
    """
    rows = [_row(ticket, model, call) for call in calls]
    for row in rows:
        row.purpose, row.prompt = purpose, prompt
    # In the order of locks that all others have: rate limits, what is reserved, then the counters of
    # budgets, which a trigger has.
    limits.entered(ticket.run, ticket.user, purpose, rows)
    noted = [call.id for call in calls if call.is_noted]
    all_there = budgets.settle(calls=noted) == len(noted)
    ProviderCall.objects.bulk_create(rows, ignore_conflicts=True)
    if not all_there:
        _put_right_lost(rows)
    transaction.on_commit(partial(tally.count, rows))
    costs = [row.cost_micros for row in rows if row.cost_micros is not None]
    return sum(costs) if costs else None


def enter_lost(ticket: Charged, model: Model, at: datetime, took: Usage) -> int | None:
    """What the process of a run could not write down any more, as far as it can be told from outside."""
    return enter(ticket, model, [_lost(at, took)])


def enter_noted(noted: Reservation, model: Model, took: Usage) -> None:
    """The same of a call beside the runs, of which nothing is known but that it was about to be made, and of
    a run whose row is gone."""
    call = _lost(noted.at, took)
    call.id, call.is_noted = noted.pk, True
    enter(noted, model, [call], Purpose(noted.purpose))


def has_calls_of(run: UUID) -> bool:
    return ProviderCall.objects.filter(run=run, purpose=Purpose.CHAT).exists()


def take_back_lost(run: UUID) -> None:
    """The process of `run` lives after all, and has entered its calls itself."""
    for row in ProviderCall.objects.filter(run=run, purpose=Purpose.CHAT, attempt=NO_ATTEMPT):
        if not ProviderCall.objects.filter(corrects=row.pk).exists():
            corrections.correct(row, corrections.nothing_of(row), FOUND)


def _lost(at: datetime, took: Usage) -> Call:
    seconds = max(0.0, (timezone.now() - at).total_seconds())
    return Call(
        at=at, attempt=NO_ATTEMPT, outcome=LOST, counted=took, estimated=True, seconds=seconds
    )


def _put_right_lost(rows: list[ProviderCall]) -> None:
    """Of these calls somebody thought that nobody would ever enter them; or they are entered again."""
    known = {row.pk: row for row in rows if row.outcome != LOST}
    for lost in ProviderCall.objects.filter(pk__in=known, outcome=LOST):
        mine = known[lost.pk]
        right = {name: getattr(mine, name) for name in corrections.COUNTED}
        corrections.correct(lost, right, FOUND)


def _row(ticket: Charged, model: Model, call: Call) -> ProviderCall:
    model = call.model or model
    usage = call.usage
    prices = model.prices_at(call.at)
    return ProviderCall(
        pk=call.id,
        user_id=ticket.user,
        conversation=ticket.conversation,
        run=ticket.run,
        provider=model.provider,
        model=model.id,
        at=call.at,
        attempt=call.attempt,
        outcome=call.outcome,
        estimated=call.estimated,
        detail=call.report.detail,
        request_id=call.report.request_id[:200],
        first_token_seconds=call.first_token_seconds,
        seconds=call.seconds,
        input_tokens=usage.input if usage else None,
        cached_input_tokens=usage.cached_input if usage else None,
        image_tokens=call.image_tokens,
        output_tokens=usage.output if usage else None,
        reasoning_tokens=usage.reasoning if usage else None,
        price_version=prices.version if prices else None,
        cost_micros=0 if call.outcome == CACHED else _cost(prices, usage),
    )


def _cost(prices: Prices | None, usage: Usage | None) -> int | None:
    return cost_micros(prices, usage) if usage else None
