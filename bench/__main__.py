"""`make bench`: every figure of RESULTS.md, on this machine, now."""

import asyncio
import gc
import os
import platform
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from bench import fan_out, first_token, memory, pictures, relay, resume
from bench.processes import CORES, share_the_last_core
from bench.stage import Stage, stage
from bench.table import Figure, markdown
from bench.tabs import PATIENCE_SECONDS

ROUNDS, QUICK_ROUNDS = 3, 1


async def measure(stage: Stage, rounds: int, found: list[Figure]) -> None:
    gc.freeze()
    gc.disable()  # a pause of ours would be seen as a delay of theirs
    for subject in (memory, first_token, relay, fan_out, resume, pictures):
        found += await subject.figures(stage, rounds)
        print(f"measured: {subject.__name__}", file=sys.stderr)


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
    figures: list[Figure] = []
    try:
        with stage() as set_up:
            asyncio.run(measure(set_up, rounds, figures))
    except TimeoutError:
        print(f"No answer within {PATIENCE_SECONDS} s: is the machine busy with something else?")
        return 1
    finally:
        print(f"{machine()}; {datetime.now(UTC):%d %B %Y}; medians of {rounds}", end="")
        print(f"; {time.monotonic() - began:.0f} s\n\n{markdown(figures)}")
    return 1 if any(figure.met is False for figure in figures) else 0


if __name__ == "__main__":
    sys.exit(main())
