"""What goes along with the messages: their own options, the conversation's, then the model's."""

import os
import subprocess
import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversations.provider.interface import PARAMETERS, Model
from conversations.runs.prompt import parameters


def model(**known: Any) -> Model:
    return Model("m", "M", "p", 100_000, 8_000, **known)


THINKER = frozenset({"reasoning"})


def test_a_model_s_own_options_are_used_where_nobody_says_otherwise() -> None:
    careful = model(options={"temperature": 0.1, "max_output_tokens": 500, "seed": 1})
    assert parameters(careful, {"seed": 2}) == {
        "temperature": 0.1, "seed": 2, "max_output_tokens": 500,
    }  # fmt: skip


def test_the_site_s_options_are_used_where_the_model_has_none(settings: Any) -> None:
    settings.OPTIONS = {"temperature": 0.9, "top_p": 0.5, "max_output_tokens": 700}
    assert parameters(model(options={"temperature": 0.1}), {"top_p": 0.8}) == {
        "temperature": 0.1, "top_p": 0.8, "max_output_tokens": 700,
    }  # fmt: skip
    assert "temperature" not in parameters(model(capabilities=THINKER), {})


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ("temperature=1", "JSON"),
        ("[1]", "JSON"),
        ('{"temperature": 9}', "temperature"),
        ('{"user": "x"}', "user"),
        ('{"model": "gpt-4o"}', "model"),
    ],
)
def test_wrong_options_of_the_site_stop_the_start(value: str, why: str) -> None:
    env = {**os.environ, "CHATSITE_OPTIONS": value}
    asked = [sys.executable, "-c", "import chatsite.settings"]
    told = subprocess.run(asked, env=env, capture_output=True, text=True, check=False)
    assert told.returncode and not told.stdout
    [sentence] = told.stderr.splitlines()
    assert sentence.startswith("CHATSITE_OPTIONS=") and why in sentence.partition("used: ")[2]


def test_only_efforts_that_a_model_knows_are_sent() -> None:
    wished = {"reasoning_effort": "xhigh", "verbosity": "low"}
    some = model(capabilities=THINKER, efforts=("low", "high"))
    assert "reasoning_effort" not in parameters(some, wished)
    unknown = model(capabilities=THINKER)  # its server knows
    assert parameters(unknown, wished)["reasoning_effort"] == "xhigh"


def test_what_a_model_takes_can_be_said_parameter_by_parameter() -> None:
    wished = {"temperature": 1, "top_p": 0.5, "seed": 1}
    odd = model(parameters=("top_p",))
    assert parameters(odd, wished).keys() == {"top_p", "max_output_tokens"}


@given(
    st.dictionaries(
        st.sampled_from([*PARAMETERS, "n", "user", "tools", "base_url", "detail"]), st.integers()
    )
)
def test_nothing_that_a_client_invents_is_sent(options: dict[str, Any]) -> None:
    sent = parameters(model(), options)
    assert sent.keys() <= {*PARAMETERS, "max_output_tokens"}
    assert sent["max_output_tokens"] <= 8_000
