"""What a call costs, against fractions, which round nothing."""

import asyncio
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from math import floor
from typing import Any

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from conversations.provider.interface import Model, Piece, Prices, Report, Request, Usage
from conversations.provider.tokens import counting
from conversations.runs import dearest, estimate
from conversations.usage.ledger import Call
from conversations.usage.prices import cost_micros, most_micros

# Dollars a million tokens, as the price list keeps them.
PRICES = st.decimals(0, 100_000, places=6).map(Decimal)
TOKENS = st.integers(0, 2**31 - 1)


def exactly(prices: Prices, usage: Usage) -> Fraction:
    cached = min(usage.cached_input, usage.input)
    return (
        (usage.input - cached) * Fraction(prices.input)
        + cached * Fraction(prices.cached_input)
        + usage.output * Fraction(prices.output)
    )


@given(PRICES, PRICES, PRICES, TOKENS, TOKENS, TOKENS)
def test_a_call_costs_what_it_costs_to_the_micro_dollar_and_never_more_than_was_reserved(
    fresh: Decimal, cached: Decimal, out: Decimal, read: int, from_cache: int, written: int
) -> None:
    prices = Prices(fresh, cached, out)
    usage = Usage(read, from_cache, written, 0)
    cost = cost_micros(prices, usage)
    assert cost == floor(exactly(prices, usage) + Fraction(1, 2))
    assert cost <= most_micros(prices, read, written)


def test_half_a_micro_dollar_is_a_whole_one() -> None:
    prices = Prices(Decimal("0.5"), Decimal("0.25"), Decimal("0.000001"))
    assert cost_micros(prices, Usage(1, 0, 0, 0)) == 1
    assert cost_micros(prices, Usage(1, 1, 249_999, 0)) == 0
    assert cost_micros(prices, Usage(1, 1, 250_000, 0)) == 1
    assert cost_micros(prices, Usage(0, 0, 0, 0)) == 0
    assert cost_micros(None, Usage(1, 1, 1, 0)) is None


def test_no_estimate_is_more_than_was_reserved(monkeypatch: pytest.MonkeyPatch) -> None:
    """A model whose tokenizer nobody knows is reckoned on the safe side, beyond what it may write."""
    monkeypatch.setattr(
        counting, "count", lambda texts, _: [round(len(text) * 1.25) for text in texts]
    )
    model = Model("m", "m", "openai", 1000, 100)
    said = [{"role": "user", "content": "x" * 40}]
    asked = Request(model, said, {"max_output_tokens": 20}, at_most=44)
    heard = [Piece(text="y" * 18), Piece(reasoning="z" * 2)]
    call = Call(timezone.now(), 1, Report(began=True), "cancelled", request=asked, heard=heard)
    asyncio.run(estimate.fill([call]))
    assert call.estimated and call.counted
    assert (call.counted.input, call.counted.output, call.counted.reasoning) == (44, 20, 2)


@pytest.mark.parametrize(
    ("report", "is_charged"),
    [(Report(), False), (Report(sent=True), True), (Report(sent=True, refused=True), False)],
)
def test_a_stop_before_the_first_word_is_charged_once_the_question_went_out(
    report: Report, is_charged: bool
) -> None:
    model = Model("m", "m", "openai", 1000, 100)
    asked = Request(model, [{"role": "user", "content": "x" * 40}], {})
    call = Call(timezone.now(), 1, report, "cancelled", request=asked)
    asyncio.run(estimate.fill([call]))
    assert call.estimated is is_charged and call.counted
    assert bool(call.counted.input) is is_charged


def test_the_price_of_tomorrow_is_reserved_where_a_question_may_wait_until_then(
    settings: Any,
) -> None:
    """It is charged by the price of the day on which the provider is asked."""
    tomorrow = datetime.now(UTC).date() + timedelta(days=1)
    dear = Prices(Decimal(9), Decimal(9), Decimal(9), since=tomorrow)
    cheap = Prices(Decimal(2), Decimal(2), Decimal(2))
    model = Model("m", "M", "p", 8_000, 500, price_list=(dear, cheap))
    settings.QUEUE_SECONDS = 1
    begins_soon = datetime.now(UTC) + timedelta(seconds=2)
    if begins_soon.date() < tomorrow:
        assert dearest.of_a_call(model, 100, 10).micros == 2 * 110
    settings.QUEUE_SECONDS = 24 * 3_600
    assert dearest.of_a_call(model, 100, 10).micros == 9 * 110
