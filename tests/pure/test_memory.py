"""What one test has left in memory is not there for the next (tests/harness/memory.py)."""

import asyncio

from conversations.runs import circuit, executor, judging, pauses, recorder
from conversations.runs.circuit import Trouble
from tests.harness.memory import forget_everything


def test_what_is_known_and_what_waits_is_forgotten() -> None:
    pauses.hear("m", 60)
    circuit._known = {"ours": Trouble()}
    executor._draining, recorder._in_time = True, False
    forget_everything()
    assert not pauses._until and not circuit.troubles()
    assert recorder._in_time
    executor.refuse_while_draining()


def test_what_began_on_an_event_loop_that_is_closed_is_in_nobodys_way() -> None:
    """Whoever waits for it waits for ever, and cannot cancel it either."""
    loop = asyncio.new_event_loop()
    task = loop.create_task(asyncio.sleep(0))
    judging._under_way.add(task)
    loop.close()
    forget_everything()
    asyncio.run(judging.leave())
    task.get_coro().close()


def test_a_lock_of_ours_can_be_waited_for_on_another_event_loop() -> None:
    async def somebody_waits() -> None:
        async with recorder._writing:
            waiting = asyncio.create_task(recorder.flush())
            await asyncio.sleep(0)
        assert await waiting == []

    for _ in range(2):
        forget_everything()
        asyncio.run(somebody_waits())
