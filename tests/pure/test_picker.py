"""What the list of models says of each."""

from dataclasses import replace
from decimal import Decimal

import pytest
from django.utils import translation

from conversations.provider.interface import Model, Prices
from conversations.web.picker import Offer, as_offered, hint


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


def test_models_are_grouped_by_who_answers_for_them_in_the_order_of_the_first() -> None:
    names = [("a", "openai"), ("b", "ours"), ("c", "openai")]
    models = [
        as_offered(Model(name, name, home, 8_192, 1_024), is_usual=False) for name, home in names
    ]
    groups = Offer(models, model(), "").groups
    told = [(home, [one["id"] for one in inside]) for home, inside in groups]
    assert told == [("openai", ["a", "c"]), ("ours", ["b"])]


def test_an_offer_says_what_the_model_takes() -> None:
    thinks = replace(model(can="reasoning"), efforts=("low", "high"), description="Slow.")
    told = as_offered(thinks, is_usual=False)
    assert "reasoning_effort" in told["accepts"] and "temperature" not in told["accepts"]
    assert told["efforts"] == ("low", "high")
    assert told["about"] == "Slow.\nthinks first · reads 8k tokens"
    assert "temperature" in as_offered(model(), is_usual=False)["accepts"]
