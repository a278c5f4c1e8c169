"""What waits for a reader: counted, in order, and not for ever. A wire here is one of ours by hand."""

import asyncio
import time
from collections.abc import Callable

from conversations.live.inbox import Bucket
from conversations.live.outbox import DRAINED_BYTES, UNSENT_BYTES, Outbox

KIB = 1024


class Narrow:
    """A wire that takes so many frames until somebody reads."""

    def __init__(self, takes: int) -> None:
        self.takes = takes
        self.taken: list[str] = []
        self.go_on: Callable[[], None] = lambda: None

    def attach(self, go_on: Callable[[], None]) -> None:
        self.go_on = go_on

    def write(self, frame: str) -> bool:
        if self.takes:
            self.takes -= 1
            self.taken.append(frame)
            return True
        return False

    def read(self, frames: int) -> None:
        self.takes = frames
        self.go_on()

    def give_up(self, code: int) -> None:
        raise AssertionError("it is the consumer that gives up")

    shut_out = give_up


def test_frames_keep_their_order_however_the_reader_stutters() -> None:
    async def stutter() -> None:
        wire = Narrow(takes=3)
        outbox = Outbox(wire, overflow=lambda: None)
        for n in range(10):
            outbox.put(str(n))
        wire.read(4)
        for n in range(10, 20):
            outbox.put(str(n))
        wire.read(100)
        outbox.put("20")
        assert wire.taken == [str(n) for n in range(21)]

    asyncio.run(stutter())


def test_who_catches_up_is_paced_and_goes_on_when_little_waits() -> None:
    async def pace() -> None:
        wire = Narrow(takes=0)
        outbox = Outbox(wire, overflow=lambda: None)
        outbox.put("x" * DRAINED_BYTES)
        assert await asyncio.wait_for(outbox.drained(), 1)
        outbox.put("y")
        waiting = asyncio.create_task(outbox.drained())
        await asyncio.sleep(0.01)
        assert not waiting.done()
        wire.read(1)
        assert await asyncio.wait_for(waiting, 1)

    asyncio.run(pace())


def test_too_much_is_told_once_and_dropped_and_nobody_waits_on() -> None:
    async def overflow() -> None:
        told: list[int] = []
        wire = Narrow(takes=0)
        outbox = Outbox(wire, overflow=lambda: told.append(1))
        for _ in range(UNSENT_BYTES // (2 * KIB)):
            outbox.put("é" * KIB)  # two bytes each, as the wire counts
        waiting = asyncio.create_task(outbox.drained())
        await asyncio.sleep(0)
        assert told == [] and not waiting.done()
        outbox.put("é")
        outbox.put("and one that finds too much")
        outbox.put("and another")
        assert told == [1]
        assert await asyncio.wait_for(waiting, 1) is False
        wire.read(100)
        assert wire.taken == []

    asyncio.run(overflow())


def test_a_single_frame_is_never_too_large() -> None:
    """A question of 4 MiB, told to another tab in the middle of something."""

    async def large() -> None:
        wire = Narrow(takes=0)
        outbox = Outbox(wire, overflow=lambda: None)
        outbox.put("before")
        outbox.put("x" * (UNSENT_BYTES + 1))
        wire.read(2)
        assert len(wire.taken) == 2

    asyncio.run(large())


def test_a_bucket_gives_its_burst_and_then_its_rate() -> None:
    bucket = Bucket(3, 20)
    assert [bucket.take(1) for _ in range(100)] == [True] * 3 + [False] * 97
    time.sleep(0.1)  # what was refused meanwhile is not owed
    assert bucket.take(1)
    assert not bucket.take(3)
