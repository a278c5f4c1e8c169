"""Repeating a measurement, ours and the reference in turn, so that a busy minute hits both."""

import asyncio
import time
from collections.abc import Awaitable, Callable

from bench.stage import Site, Stage
from bench.table import Readings, medians
from bench.tabs import Tab, question

# What was started or ended before is over when the servers and Postgres have been this idle for so long:
# five hundred answers that end together are seconds of work, and the next one would wait behind it.
SETTLING_SECONDS, SETTLED_SHARE, SETTLED_AT_LAST_SECONDS = 0.5, 0.06, 30
# Between the questions of many readers: their first tokens are not what is measured here.
ASKING_SECONDS = 0.02

Measure = Callable[[Stage, Site], Awaitable[Readings]]


async def side_by_side(stage: Stage, measure: Measure, rounds: int) -> tuple[Readings, Readings]:
    """Median readings of our server and of the reference."""
    read: dict[str, list[Readings]] = {site.name: [] for site in stage.sites}
    for number in range(rounds):
        for site in stage.sites if number % 2 == 0 else reversed(stage.sites):
            await settled(stage)
            read[site.name].append(await measure(stage, site))
            await clear(stage, site)
    return medians(read[stage.ours.name]), medians(read[stage.reference.name])


async def clear(stage: Stage, site: Site) -> None:
    """Nobody asks, nothing streams."""
    while stage.open_streams():
        stage.end_streams()
        await asyncio.sleep(0.05)
    await site.leave()


async def settled(stage: Stage) -> None:
    end = time.monotonic() + SETTLED_AT_LAST_SECONDS
    used = stage.cpu()
    while time.monotonic() < end:
        await asyncio.sleep(SETTLING_SECONDS)
        before, used = used, stage.cpu()
        if used - before <= SETTLED_SHARE * SETTLING_SECONDS:
            return


async def streaming(site: Site, count: int, rate: float) -> list[Tab]:
    """So many more readers, each with an answer that has begun and does not end."""
    tabs = [await site.tab() for _ in range(count)]
    for tab in tabs:
        tab.ask(question(rate))
        await asyncio.sleep(ASKING_SECONDS)
    for tab in tabs:
        await tab.first_token()
    return tabs


async def window(site: Site, tabs: list[Tab], seconds: float) -> Readings:
    """What the streams of `tabs` cost and bring while nothing else happens."""
    for tab in tabs:
        tab.delays, tab.noting = [], True
    tokens, cpu = sum(tab.tokens for tab in tabs), site.cpu()
    postgres, began = site.postgres_cpu(), time.perf_counter()
    await asyncio.sleep(seconds)
    took = time.perf_counter() - began
    came = max(1, sum(tab.tokens for tab in tabs) - tokens)
    used, kept = site.cpu() - cpu, site.postgres_cpu() - postgres
    for tab in tabs:
        tab.noting = False
    delays = sorted(delay for tab in tabs for delay in tab.delays) or [0]
    return {
        "tokens a second": came / took,
        "CPU a token": used / came * 1e6,
        "Postgres a token": kept / came * 1e6,
        "busy": used / took,
        "delay p50": delays[len(delays) // 2] / 1000,
        "delay p95": delays[len(delays) * 95 // 100] / 1000,
    }
