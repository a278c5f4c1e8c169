"""Stop is heard whatever the provider is being waited for, and the provider hears of it at once."""

import time

import pytest

from conversations.models import ProviderCall
from tests.harness.database import Ground
from tests.harness.people import Person
from tests.harness.soon import within
from tests.stub_provider import Comments, Model, Reply, Think, finished, says, stall

WAITING = {
    "headers": says("x", first_byte_after=30),
    "the first event": says(stall),
    "comments": says(Comments(0.05)),
    "the end of thinking": says(Think("hm"), stall),
    "the next token": says("one ", stall),
    "the usage": says("whole", finished(), stall, finish=None),
}


@pytest.mark.parametrize("reply", WAITING.values(), ids=WAITING.keys())
def test_a_stop_reaches_the_provider_within_half_a_second(
    ada: Person, ground: Ground, model: Model, reply: Reply
) -> None:
    script = model.will_answer(reply)
    asked = ada.start(script)
    script.wait_until_asked()
    time.sleep(0.2)  # until what is to come has come
    stopped_at = time.monotonic()
    asked.stop()
    assert script.request.wait_until_closed() - stopped_at < within(0.5)
    assert asked.finish().status == "stopped"
    assert ground.row(ProviderCall, run=asked.run).outcome == "cancelled"


def test_after_a_stop_nobody_tries_again(ada: Person, ground: Ground, model: Model) -> None:
    script = model.will_fail(503, retry_after="1")
    asked = ada.start(script)
    asked.socket.until("run.waiting", run=asked.run)
    asked.stop()
    asked.socket.silence(2.5)
    assert len(script.requests) == 1
    assert ground.row(ProviderCall, run=asked.run).outcome == "provider_unavailable"
