"""Whatever a provider says of its answer, the answer is kept and its run has an end."""

import pytest

from tests.harness.people import Person
from tests.stub_provider import Model

REASONS = {
    "NUL": ("st\x00op", "stop"),
    "half a pair": ("st\ud800op", "stop"),
    "very long": ("x" * 500, "x" * 40),
}


@pytest.mark.parametrize(("said", "kept"), REASONS.values(), ids=REASONS.keys())
def test_an_odd_finish_reason_is_kept_as_far_as_it_can_be(
    ada: Person, model: Model, said: str, kept: str
) -> None:
    asked = ada.ask(model.will_say("All of it.", finish=said))
    stored = asked.stored()
    assert (stored["status"], stored["text"]) == ("complete", "All of it.")
    assert stored["finish_reason"] == kept


@pytest.mark.parametrize("count", [2**31, 10**30])
def test_a_count_that_no_column_holds_costs_nobody_the_answer(
    ada: Person, model: Model, count: int
) -> None:
    usage = {"prompt_tokens": count, "completion_tokens": 1, "total_tokens": count}
    asked = ada.ask(model.will_say("All of it.", usage=usage))
    assert asked.stored()["text"] == "All of it."
    assert asked.stored()["status"] in ("complete", "failed")
    assert ada.ask(model.will_say("And more."), conversation=asked.conversation).text == "And more."
