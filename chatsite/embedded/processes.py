"""Children that never outlive us, and how they are ended."""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

PR_SET_PDEATHSIG = 1
# A log that grows for ever fills the disk of somebody who never looks at it.
LOG_BYTES = 5 * 1024 * 1024


@dataclass(frozen=True)
class Account:
    """A system user that a child runs as."""

    name: str
    uid: int
    gid: int


def ask_for_signal_at_parents_death(number: signal.Signals) -> None:
    """Linux sends this process `number` when its parent is gone, also after `kill -9`."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(number), 0, 0, 0)


def _last_words(number: signal.Signals) -> Callable[[], None] | None:
    """What a child does between fork and exec, so that it ends when we do.

    Linux ties this to the thread that forks: children are started from the main thread only.
    """
    if sys.platform != "linux":
        return None
    prctl, parent = ctypes.CDLL(None).prctl, os.getpid()

    def arrange() -> None:
        prctl(PR_SET_PDEATHSIG, int(number), 0, 0, 0)
        if os.getppid() != parent:  # we died before the line above
            os.kill(os.getpid(), signal.SIGKILL)

    return arrange


def start(
    command: Sequence[str | Path],
    *,
    account: Account | None = None,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
    output: IO[bytes] | None = None,
    at_our_death: signal.Signals = signal.SIGKILL,
) -> subprocess.Popen[bytes]:
    """A child in a process group of its own: Ctrl-C reaches us alone, we end it in order."""
    return subprocess.Popen(
        command,
        cwd=cwd,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT if output else None,
        user=account.uid if account else None,
        group=account.gid if account else None,
        extra_groups=[] if account else None,
        process_group=0,
        # Safe here: nobody starts children while other threads of this process hold locks.
        preexec_fn=_last_words(at_our_death),  # noqa: PLW1509
    )


def run(
    command: Sequence[str | Path],
    *,
    account: Account | None = None,
    cwd: Path | None = None,
    stdin: str = "",
) -> subprocess.CompletedProcess[str]:
    """Run a short command to its end; what it said is kept, nothing is raised for its exit code."""
    return subprocess.run(
        command,
        cwd=cwd,
        input=stdin,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
        env={**os.environ, "LC_ALL": "C"},  # we read what it says
        user=account.uid if account else None,
        group=account.gid if account else None,
        extra_groups=[] if account else None,
        process_group=0,
        preexec_fn=_last_words(signal.SIGKILL),
    )


def end(child: subprocess.Popen[bytes], steps: Sequence[tuple[signal.Signals, float]]) -> None:
    """Send each signal in turn until the child is gone; at the end by force."""
    for number, seconds in [*steps, (signal.SIGKILL, 5.0)]:
        if child.poll() is not None:
            return
        with contextlib.suppress(ProcessLookupError):
            child.send_signal(number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(seconds)


def opened_log(path: Path) -> IO[bytes]:
    """A log to append to; the one before is kept once when it has grown too long."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if path.exists() and path.stat().st_size > LOG_BYTES:
        path.replace(path.with_name(path.name + ".1"))
    return path.open("ab")


def last_lines(path: Path, count: int = 20) -> list[str]:
    try:
        text = path.read_bytes()[-16_384:].decode(errors="replace")
    except OSError:
        return []
    return text.splitlines()[-count:]
