"""What the list of models says of each."""

from decimal import Decimal

import pytest
from django.utils import translation

from conversations.provider.interface import Model, Prices
from conversations.web.picker import hint


def model(window: int = 8_192, can: str = "", prices: str = "") -> Model:
    known = [Decimal(price) for price in prices.split()]
    listed = (Prices(known[0], known[1], known[2]),) if known else ()
    return Model("m", "M", "openai", window, 1_024, frozenset(can.split()), listed)


@pytest.mark.parametrize(
    ("one", "said"),
    [
        (model(), "reads 8k tokens"),
        (model(1_047_576, "vision tools"), "sees pictures · reads 1M tokens"),
        (model(400_000, "reasoning"), "thinks first · reads 400k tokens"),
        (model(prices="0 0 0"), "reads 8k tokens · free"),
        (model(prices="2.00 0.50 8"), "reads 8k tokens · $2 / $8 a million"),
        (model(prices="2.5 0 0.025"), "reads 8k tokens · $2.50 / $0.025 a million"),
    ],
)
def test_a_hint_has_what_is_known(one: Model, said: str) -> None:
    assert hint(one) == said


def test_the_usual_one_is_named_as_such() -> None:
    assert hint(model(), is_usual=True) == "the usual one · reads 8k tokens"


def test_prices_are_written_as_the_language_does() -> None:
    with translation.override("de"):
        assert "0,15" in hint(model(prices="0.15 0 0.60"))
