"""The processes of a benchmark: on which core they run, what they use of it and of memory.

Who is measured has a core for itself; the provider, the readers and Postgres share the other one.
"""

import os
import signal
import subprocess
import sys
from pathlib import Path

from chatsite.embedded.processes import end, start

ROOT = Path(__file__).resolve().parent.parent
TICKS = os.sysconf("SC_CLK_TCK")
CORES = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []


def share_the_last_core() -> None:
    """We and all we start from now on; `measured` moves out of it. With one core all have to share."""
    if len(CORES) > 1:
        os.sched_setaffinity(0, {CORES[-1]})


def python(*arguments: str, env: dict[str, str], log: Path) -> subprocess.Popen[bytes]:
    with log.open("wb") as output:
        return start(
            [sys.executable, *arguments], cwd=ROOT, env={**os.environ, **env}, output=output
        )


def measured(*arguments: str, env: dict[str, str], log: Path) -> subprocess.Popen[bytes]:
    """As `python`, on the first core. Threads that it starts stay there too."""
    child = python(*arguments, env=env, log=log)
    if len(CORES) > 1:
        os.sched_setaffinity(child.pid, {CORES[0]})
    return child


def stop(child: subprocess.Popen[bytes]) -> None:
    end(child, [(signal.SIGTERM, 10.0)])


def cpu_seconds(pid: int) -> float:
    """User and system time of a process, all its threads (proc(5), fields 14 and 15)."""
    utime, stime = _stat(pid)[11:13]
    return (int(utime) + int(stime)) / TICKS


def family_cpu_seconds(pid: int) -> float:
    """The same for Postgres: the postmaster, its living children and those that have ended."""
    total = sum(int(ticks) for ticks in _stat(pid)[11:15]) / TICKS
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return total + sum(_cpu_or_gone(int(child)) for child in children)


def _cpu_or_gone(pid: int) -> float:
    try:
        return cpu_seconds(pid)
    except FileNotFoundError:
        return 0.0


def _stat(pid: int) -> list[str]:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()


def resident_mb(pid: int) -> float:
    """What it holds in memory, as `ps` says it."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS:"))
