"""OpenAI's own examples of what a picture takes, and what must hold for any."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversations.provider.tokens.pictures import picture_tokens

GPT_4O = {"base": 85, "tile": 170}
GPT_41_MINI = {"patch": 1.62, "most": 1536}
PLAIN_PATCHES = {"patch": 1, "most": 1536}


@pytest.mark.parametrize(
    ("formula", "width", "height", "detail", "tokens"),
    [
        (GPT_4O, 1024, 1024, "high", 765),
        (GPT_4O, 2048, 4096, "high", 1105),
        (GPT_4O, 4096, 8192, "low", 85),
        (GPT_4O, 1, 1, "auto", 255),
        (None, 1024, 1024, "high", 765),
        ({"base": 2833, "tile": 5667}, 1024, 1024, "high", 2833 + 4 * 5667),
        (PLAIN_PATCHES, 1024, 1024, "high", 1024),
        (PLAIN_PATCHES, 1800, 2400, "high", 1452),
        (GPT_41_MINI, 1024, 1024, "low", 1659),
    ],
)
def test_a_picture_takes_what_openai_says(
    formula: dict[str, float] | None, width: int, height: int, detail: str, tokens: int
) -> None:
    assert picture_tokens(formula, width, height, detail) == tokens


@given(st.integers(1, 100_000), st.integers(1, 100_000))
def test_no_picture_takes_more_than_its_model_allows(width: int, height: int) -> None:
    assert 0 < picture_tokens(PLAIN_PATCHES, width, height, "high") <= 1536
    # 2,048 by 768 pixels at most, in squares of 512.
    assert 85 < picture_tokens(GPT_4O, width, height, "high") <= 85 + 8 * 170
