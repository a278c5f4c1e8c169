"""Sixteen answers as fast as one core can pass them on."""

import asyncio

from bench.rounds import side_by_side, streaming, window
from bench.stage import Site, Stage
from bench.table import Figure, Readings

STREAMS = 16
FLAT_OUT = 0
SECONDS = 3.0


async def saturated(stage: Stage, site: Site) -> Readings:
    tabs = await streaming(site, STREAMS, FLAT_OUT)
    await asyncio.sleep(0.5)
    return await window(site, tabs, SECONDS)


async def figures(stage: Stage, rounds: int) -> list[Figure]:
    ours, bare = await side_by_side(stage, saturated, rounds)
    speed, other = ours["tokens a second"], bare["tokens a second"]
    cost, dear = ours["CPU a token"], bare["CPU a token"]
    return [
        Figure("saturation, 16 streams", "tokens/s", speed, other, "≥ 6 ×", speed >= 6 * other),
        Figure("CPU a token, saturated", "µs", cost, dear),
        Figure("… and of Postgres", "µs", ours["Postgres a token"]),
    ]
