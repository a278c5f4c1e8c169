"""What a call costs, in integer micro-dollars."""

import math
from decimal import ROUND_HALF_UP, Decimal

from conversations.provider.interface import Prices, Usage


def cost_micros(prices: Prices | None, usage: Usage) -> int | None:
    """Dollars a million tokens are micro-dollars a token. None where no price is known."""
    if prices is None:
        return None
    cached = min(usage.cached_input, usage.input)
    cost = (
        (usage.input - cached) * prices.input
        + cached * prices.cached_input
        + usage.output * prices.output
    )
    return int(Decimal(cost).quantize(Decimal(1), rounding=ROUND_HALF_UP))


def most_micros(prices: Prices | None, read: int, written: int) -> int:
    """No call of so many tokens costs more. Nothing, as far as anybody knows, where no price is known."""
    if prices is None:
        return 0
    return math.ceil(read * max(prices.input, prices.cached_input) + written * prices.output)
