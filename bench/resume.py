"""Coming back to an answer under way, and what is left at the provider when nobody wants it."""

import asyncio
import time
from statistics import median

import orjson

from bench.rounds import clear, streaming
from bench.stage import Stage
from bench.table import Figure
from bench.tabs import Tab, command

TIMES = 20
RATE = 50
LONG_TOKENS = 2000
CLOSED_WITHIN_SECONDS = 0.5


async def figures(stage: Stage, rounds: int) -> list[Figure]:
    resumed = await _resumed(stage) * 1000
    left = await _left_after_stop(stage)
    most = f"requests left {CLOSED_WITHIN_SECONDS * 1000:.0f} ms after"
    bare = await _left_after_going(stage)
    return [
        Figure("resumed: new socket, all text there", "ms", resumed, None, "< 100", resumed < 100),
        Figure(f"{most} a stop (bare: the tab closes)", "", left, bare, "0", left == 0),
    ]


async def _resumed(stage: Stage) -> float:
    """Median seconds from the first byte of a new connection to all text so far."""
    (writer,) = await streaming(stage.ours, 1, RATE * 20)
    while writer.tokens < LONG_TOKENS:  # noqa: ASYNC110 a count, not an event
        await asyncio.sleep(0.05)
    conversation = orjson.loads(writer.ack)["conversation"]["id"]
    took = [await _once(stage, writer.person, conversation) for _ in range(TIMES)]
    await clear(stage, stage.ours)
    return median(took)


async def _once(stage: Stage, person: str, conversation: str) -> float:
    began = time.perf_counter()
    tab = await stage.ours.tab(person)
    tab.wire.say(command("conversation.open", conversation=conversation))
    await tab.first_token()
    assert tab.tokens >= LONG_TOKENS
    return tab.first_at - began


async def _left_after_stop(stage: Stage) -> int:
    tabs = await streaming(stage.ours, TIMES, RATE)
    for tab in tabs:
        tab.wire.say(command("run.stop", run=orjson.loads(tab.ack)["run"]["id"]))
    return await _left(stage, tabs)


async def _left_after_going(stage: Stage) -> int:
    tabs = await streaming(stage.reference, TIMES, RATE)
    for tab in tabs:
        tab.close()
    return await _left(stage, tabs)


async def _left(stage: Stage, tabs: list[Tab]) -> int:
    await asyncio.sleep(CLOSED_WITHIN_SECONDS)
    left = stage.open_streams()
    for site in stage.sites:
        await clear(stage, site)
    return left
