"""What a call took, where its provider did not say so, and what is no more than nothing."""

import pytest

from conversations.models import ProviderCall
from conversations.provider.tokens import counting
from conversations.runs.fitting import AROUND_ALL, AROUND_MESSAGE
from tests.harness.database import Ground
from tests.harness.people import Asked, Person
from tests.stub_provider import Event, Model, Reply, Script, Think, cut, fails, pause, says

WORDS = "Seven swans swim in the sea. "


def call_of(ground: Ground, asked: Asked) -> ProviderCall:
    return ground.row(ProviderCall, run=asked.run)


def read_by(script: Script) -> int:
    """The tokens of what the provider was given to read."""
    texts = [text for _, text in script.request.said()]
    counted = sum(counting.count(texts, "o200k_base"))
    return counted + AROUND_ALL + AROUND_MESSAGE * len(texts)


def roughly(counted: int | None, right: int) -> bool:
    """Counted, or reckoned by bytes where that would have taken too long."""
    return counted is not None and right * 0.5 <= counted <= right * 2 + 8


@pytest.mark.parametrize(
    "reply",
    [says(Think("Hm. "), WORDS, usage=None), says(Think("Hm. "), WORDS, cut)],
    ids=["a server that does not count", "a stream that was cut"],
)
def test_what_nobody_told_is_counted(
    ada: Person, ground: Ground, model: Model, reply: Reply
) -> None:
    script = model.will_answer(reply)
    asked = ada.ask(script)
    call = call_of(ground, asked)
    said, thought = counting.count([WORDS, "Hm. "], "o200k_base")
    assert call.estimated and roughly(call.input_tokens, read_by(script))
    assert roughly(call.output_tokens, said + thought) and call.reasoning_tokens
    stored = asked.stored()
    assert stored["usage"] is None, "its provider did not say"
    assert stored["cost"] is not None and call.cost_micros


def test_a_stop_takes_what_had_come(ada: Person, ground: Ground, model: Model) -> None:
    script = model.will_say(WORDS, pause)
    asked = ada.start(script)
    asked.socket.wait_for_text(asked.run, len(WORDS))
    asked.stop()
    call = call_of(ground, asked)
    assert call.estimated and roughly(call.input_tokens, read_by(script))
    assert roughly(call.output_tokens, counting.count([WORDS], "o200k_base")[0])


def test_who_stops_before_the_first_word_has_asked_all_the_same(
    ada: Person, ground: Ground, model: Model
) -> None:
    script = model.will_answer(says("never", first_byte_after=60))
    asked = ada.start(script)
    script.wait_until_asked()
    asked.stop()
    call = call_of(ground, asked)
    assert call.estimated and roughly(call.input_tokens, read_by(script))
    assert call.output_tokens == 0


def test_who_was_refused_took_nothing(ada: Person, ground: Ground, model: Model) -> None:
    asked = ada.ask(model.will_answer(fails(400), fails(408)))
    for call in ground.rows(ProviderCall, run=asked.run):
        assert (call.estimated, call.input_tokens, call.output_tokens) == (False, 0, 0)
        assert call.cost_micros == 0


def test_what_is_said_beside_an_error_counts(ada: Person, ground: Ground, model: Model) -> None:
    usage = {"prompt_tokens": 21, "completion_tokens": 3}
    broken = Event({"error": {"code": "server_error", "message": "gone"}, "usage": usage})
    script = model.will_say("half ", broken, finish=None, usage=None, done=False)
    asked = ada.ask(script)
    call = call_of(ground, asked)
    assert (call.estimated, call.input_tokens, call.output_tokens) == (False, 21, 3)
