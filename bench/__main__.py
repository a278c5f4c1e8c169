"""`make bench`: every figure of RESULTS.md, on this machine, now."""

import asyncio
import gc
import os
import platform
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from bench import fan_out, first_token, memory, relay, resume
from bench.processes import CORES, share_the_last_core
from bench.stage import Stage, stage
from bench.table import Figure, markdown

ROUNDS, QUICK_ROUNDS = 3, 1


async def measured(stage: Stage, rounds: int) -> list[Figure]:
    gc.freeze()
    gc.disable()  # a pause of ours would be seen as a delay of theirs
    found: list[Figure] = []
    for measure in (memory, first_token, relay, fan_out, resume):
        found += await measure.figures(stage, rounds)
        print(f"measured: {measure.__name__}", file=sys.stderr)
    return found


def machine() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    model = next((line.partition(":")[2].strip() for line in lines if "model name" in line), "?")
    return f"{len(CORES)} × {model}, Python {platform.python_version()}"


def main() -> int:
    if not CORES:
        print("The benchmarks pin processes to cores and read /proc: they need Linux.")
        return 1
    began = time.monotonic()
    share_the_last_core()
    rounds = QUICK_ROUNDS if os.environ.get("QUICK") else ROUNDS
    with stage() as set_up:
        figures = asyncio.run(measured(set_up, rounds))
    print(f"{machine()}; {datetime.now(UTC):%d %B %Y}; medians of {rounds}", end="")
    print(f"; {time.monotonic() - began:.0f} s\n\n{markdown(figures)}")
    return 1 if any(figure.met is False for figure in figures) else 0


if __name__ == "__main__":
    sys.exit(main())
