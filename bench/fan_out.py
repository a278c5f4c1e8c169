"""Answers at the pace of a model: what a hundred of them cost, and how many one core carries."""

import asyncio
import contextlib

from bench.rounds import side_by_side, streaming, window
from bench.stage import Site, Stage
from bench.table import Figure, Readings
from bench.tabs import Tab

STREAMS, RATE = 100, 20
SECONDS = 4.0
# How many more streams with each step, how long they may take to begin, and when it is enough.
STEP, STEP_SECONDS, MOST = 50, 15, 1000
LATE_MS = 100.0


async def hundred(stage: Stage, site: Site) -> Readings:
    tabs = await streaming(site, STREAMS, RATE)
    return await window(site, tabs, SECONDS)


async def carried(stage: Stage, site: Site) -> Readings:
    """Streams are added until their tokens come late; the last number that was carried."""
    carries = 0
    tabs: list[Tab] = []
    with contextlib.suppress(TimeoutError):
        while len(tabs) < MOST:
            async with asyncio.timeout(STEP_SECONDS):
                tabs += await streaming(site, STEP, RATE)
            seen = await window(site, tabs, SECONDS / 2)
            if seen["delay p95"] >= LATE_MS:
                break
            carries = len(tabs)
    return {"streams": carries}


async def figures(stage: Stage, rounds: int) -> list[Figure]:
    ours, bare = await side_by_side(stage, hundred, rounds)
    cost, dear = ours["CPU a token"], bare["CPU a token"]
    middle, late = ours["delay p50"], ours["delay p95"]
    found = [
        Figure("CPU a token, 100 streams of 20/s", "µs", cost, dear, "≤ ½", cost <= dear / 2),
        Figure("… and of Postgres", "µs", ours["Postgres a token"]),
        Figure("delay added, median", "ms", middle, bare["delay p50"], "≤ 1.5", middle <= 1.5),
        Figure("delay added, p95", "ms", late, bare["delay p95"], "≤ 5", late <= 5),
    ]
    ours, bare = await side_by_side(stage, carried, max(1, rounds // 2))
    many, few = ours["streams"], bare["streams"]
    name = "streams of 20/s carried, p95 < 100 ms"
    return [*found, Figure(name, "streams", many, few, "≥ 2 ×", many >= 2 * few)]
