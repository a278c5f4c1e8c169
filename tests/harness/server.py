"""`manage.py serve` as a process of its own, on a port of its own."""

import fcntl
import os
import signal
import subprocess
import time
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Self

import httpx

from tests.harness import warm
from tests.harness.plugin import ROOT
from tests.harness.ports import free_port

# Beside the data of the run, where no `make clean` takes them away in the middle of it.
LOGS = Path(os.environ["CHATSITE_DATA_DIR"])
# How soon is said where it is what a test is about. These end a wait for what will never come, on a machine
# that is busy with ten other things as well.
START_SECONDS = 240
STOP_SECONDS = 60
STARTER = warm.Starter()


def manage(
    *arguments: str, env: Mapping[str, str] | None = None, timeout: float = 480, first: str = ""
) -> str:
    """Run a management command to its end, after `first`; what it printed."""
    with TemporaryFile() as log:
        command = started(arguments, {**os.environ, **(env or {})}, log, first)
        try:
            code = command.wait(timeout)
        finally:
            command.kill()
        log.seek(0)
        said = log.read().decode(errors="replace")
    if code:
        raise AssertionError(f"manage.py {' '.join(arguments)} failed:\n{said}")
    return said


def started(
    arguments: Iterable[str], env: Mapping[str, str], log: IO[bytes], first: str = ""
) -> "subprocess.Popen[bytes] | warm.Forked":
    """`manage.py …`, from the warm process where there can be one; `first` is done before it."""
    if warm.IS_POSSIBLE:
        return STARTER.start(*arguments, env=env, log=log, first=first)
    line = warm.alone(first, *arguments)
    return subprocess.Popen(line, cwd=ROOT, env=env, stdout=log, stderr=subprocess.STDOUT)


class Process(ABC):
    """A management command under test. `env` is added to the variables of this process."""

    command = ""

    def __init__(self, name: str, env: Mapping[str, str]) -> None:
        self.name = name
        self.env = {
            "CHATSITE_USER_REQUESTS_PER_MINUTE": "0",
            "CHATSITE_USER_SOCKETS": "0",
            "CHATSITE_USER_RUNS": "0",
            "CHATSITE_DRAIN_SECONDS": "2",
            **env,
        }
        # For tests of another way to start it.
        self.line: list[str] = []
        self.first = ""  # Python, done before the command
        self.passed: tuple[int, ...] = ()
        self.log = LOGS / f"{name}.log"
        self.process: subprocess.Popen[bytes] | warm.Forked | None = None

    def as_people_do(self) -> Self:
        """To be started by its command line, not from a warm process."""
        self.line = warm.alone("", self.command)
        return self

    @property
    def environment(self) -> dict[str, str]:
        return {**os.environ, **self.env}

    def start(self) -> Self:
        collect_static()
        with new_log(self.log) as log:
            self.process = self._started(log)
        self._wait_until_ready()
        return self

    def _started(self, log: IO[bytes]) -> "subprocess.Popen[bytes] | warm.Forked":
        if not self.line:
            return started([self.command], self.environment, log, self.first)
        return subprocess.Popen(
            self.line,
            cwd=ROOT,
            env=self.environment,
            stdout=log,
            stderr=subprocess.STDOUT,
            pass_fds=self.passed,
        )

    @abstractmethod
    def is_ready(self) -> tuple[bool, str]:
        """Whether it can work, and what it said of it."""

    def _wait_until_ready(self) -> None:
        end = time.monotonic() + START_SECONDS
        said = ""
        while time.monotonic() < end and self.alive:
            ready, said = self.is_ready()
            if ready:
                return
            time.sleep(0.1)
        log = self.log_since(0)
        self.stop()
        raise AssertionError(f"{self.name} did not become ready: {said}\n{log[-6000:]}")

    @property
    def alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    @property
    def log_bytes(self) -> int:
        return self.log.stat().st_size if self.log.exists() else 0

    def log_since(self, position: int) -> str:
        """What it logged after the first `position` bytes."""
        return (
            self.log.read_bytes()[position:].decode(errors="replace") if self.log.exists() else ""
        )

    def signal(self, number: signal.Signals) -> None:
        assert self.process is not None
        self.process.send_signal(number)

    def wait(self, timeout: float = STOP_SECONDS) -> int:
        """Its exit code, once it has ended."""
        assert self.process is not None
        return self.process.wait(timeout)

    def stop(self) -> int:
        """End it as a deploy would; by force if it does not listen."""
        if not self.process:
            return 0
        if self.alive:
            self.process.terminate()
        try:
            return self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return self.process.wait(30)


class Server(Process):
    """One web process."""

    command = "serve"

    def __init__(self, name: str, env: Mapping[str, str]) -> None:
        super().__init__(name, env)
        self.port = free_port()
        self.origin = f"http://127.0.0.1:{self.port}"
        self.socket_url = f"ws://127.0.0.1:{self.port}/ws/v1/"
        self.env |= {"CHATSITE_PORT": str(self.port), "CHATSITE_PUBLIC_URL": self.origin}

    def is_ready(self) -> tuple[bool, str]:
        try:
            answer = httpx.get(f"{self.origin}/readyz", timeout=5, verify=False)
        except httpx.TransportError as error:
            return False, repr(error)
        return answer.status_code == 200, f"{answer.status_code} {answer.text[:500]}"


class Worker(Process):
    """One process that executes runs for web processes with CHATSITE_RUNS=workers."""

    command = "run_worker"

    def is_ready(self) -> tuple[bool, str]:
        said = self.log_since(0)
        return "Executing answers." in said, said


def new_log(path: Path) -> IO[bytes]:
    """Nobody else's to read, like everything in the data directory."""
    path.unlink(missing_ok=True)
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), "wb")


def collect_static() -> None:
    """Pages name static files by their hash, which only `collectstatic` knows. Once for all workers of a run,
    also where another run is under way: a server that begins meanwhile reads what is being written."""
    done = ROOT / "staticfiles" / ".tested"
    with (ROOT / "manage.py").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        run = os.environ["CHATSITE_TEST_RUN"]
        runs = done.read_text().split() if done.exists() else []
        if run not in runs:
            manage("collectstatic", "--noinput", "--verbosity", "0")
            done.write_text(" ".join([*runs[-9:], run]))
