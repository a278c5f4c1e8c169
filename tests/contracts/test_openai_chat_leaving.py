"""Whoever leaves a call closes its connection within half a second, whatever it was waiting for."""

import asyncio
import gc
import socket
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from conversations.provider.openai_api.network import Network, Stream
from tests.contracts.port import Heard, call, port_to
from tests.harness.black_hole import black_hole
from tests.harness.soon import within
from tests.stub_provider import Comments, Reply, Say, Stub, Think, finished, says, stall
from tests.stub_provider import Model as Scripts

HALF_A_SECOND = 0.5
SYN_SENT, ESTABLISHED = "02", "01"

WAITING = {
    "headers": says("x", first_byte_after=30),
    "the first event": says(stall),
    "the first event, comments coming": says(Comments(0.02)),
    "the next token": says("one ", stall),
    "the end of thinking": says(Think("hm"), stall),
    "the usage": says("whole", finished(), stall, finish=None),
    "nothing, in a flood": says([Say("x")] * 200_000),
}


def leave(
    base_url: str,
    question: str,
    *,
    when: Callable[[], object],
    look: Callable[[], object] = lambda: None,
) -> float:
    """Cancel a call once `when` returns and `look` soon; how long the call took to end."""

    async def run() -> float:
        port = port_to(base_url)
        task = asyncio.create_task(call(port, question, Heard()))
        await asyncio.to_thread(when)
        assert not task.done(), "there is nothing to leave any more"
        began = time.monotonic()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        seconds = time.monotonic() - began
        await asyncio.sleep(0.4)
        look()
        await port.close()
        return seconds

    return asyncio.run(asyncio.wait_for(run(), 60))


@pytest.mark.parametrize("reply", WAITING.values(), ids=WAITING.keys())
def test_the_provider_sees_it_at_once(stub: Stub, model: Scripts, reply: Reply) -> None:
    script = model.will_answer(reply)

    def when() -> None:
        script.wait_until_asked()
        time.sleep(0.2)  # until what is to come has come

    assert leave(stub.base_url, script.question, when=when) < within(HALF_A_SECOND)
    script.request.wait_until_closed(within(HALF_A_SECOND))


def test_connecting_to_nowhere_is_given_up() -> None:
    with black_hole() as nowhere:
        trying = [connections_to(nowhere, SYN_SENT)]

        def look() -> None:
            trying.append(connections_to(nowhere, SYN_SENT))

        address = f"http://127.0.0.1:{nowhere}/v1"
        assert leave(address, "x", when=a_moment, look=look) < within(HALF_A_SECOND)
        assert trying[1] <= trying[0]


def test_a_provider_that_does_not_take_the_question_is_left() -> None:
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        port: int = deaf.getsockname()[1]
        address, question = f"http://127.0.0.1:{port}/v1", "x" * 16_000_000
        left: list[int] = []

        def look() -> None:
            left.append(connections_to(port, ESTABLISHED))

        assert leave(address, question, when=a_moment, look=look) < within(HALF_A_SECOND)
        assert left == [0]


def test_who_leaves_in_the_moment_of_connecting_leaves_nothing_open() -> None:
    async def run(port: int) -> int:
        for turns in range(40):  # of the loop: each step of making a connection is met
            opening = asyncio.create_task(Network().connect_tcp("127.0.0.1", port, timeout=30))
            for _ in range(turns % 20):
                await asyncio.sleep(0)
            opening.cancel()
            for connected in await asyncio.gather(opening, return_exceptions=True):
                if isinstance(connected, Stream):
                    await connected.aclose()
        await asyncio.sleep(HALF_A_SECOND)
        return connections_to(port, ESTABLISHED)

    gc.disable()  # it would close what was forgotten, some day
    try:
        # Not the stub of all tests: a site beside us keeps connections to that one.
        with socket.create_server(("127.0.0.1", 0), backlog=100) as nobody_elses:
            port: int = nobody_elses.getsockname()[1]
            assert asyncio.run(asyncio.wait_for(run(port), 60)) == 0
    finally:
        gc.enable()


def a_moment() -> None:
    """Nobody can say when a connection is being made."""
    time.sleep(1)


def connections_to(port: int, state: str) -> int:
    """How many connections of this machine to that port are in that state (Linux)."""
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return sum(row[2].endswith(f":{port:04X}") and row[3] == state for row in rows)
