"""What a web process holds before anybody came, and what five hundred open tabs add."""

import asyncio

from bench.processes import resident_mb
from bench.rounds import clear
from bench.stage import Site, Stage
from bench.table import Figure

SOCKETS = 500


async def figures(stage: Stage, rounds: int) -> list[Figure]:
    """To be asked first: memory never comes back as it was."""
    await asyncio.sleep(3)  # what is warmed up after the start
    idle, bare = (resident_mb(site.pid) for site in stage.sites)
    more, bare_more = [await _of_sockets(stage, site) for site in stage.sites]
    return [
        Figure("memory, idle", "MB", idle, bare, "≤ 160", idle <= 160),
        Figure(f"memory of {SOCKETS} idle sockets", "MB", more, bare_more, "≤ 20", more <= 20),
    ]


async def _of_sockets(stage: Stage, site: Site) -> float:
    await site.tab()
    await asyncio.sleep(1)
    before = resident_mb(site.pid)
    for _ in range(SOCKETS):
        await site.tab()
    await asyncio.sleep(1)
    more = resident_mb(site.pid) - before
    await clear(stage, site)
    return more
