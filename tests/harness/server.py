"""`manage.py serve` as a process of its own, on a port of its own."""

import fcntl
import os
import signal
import socket
import subprocess
import sys
import time
from abc import ABC, abstractmethod
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Self

import httpx

from tests.harness import warm
from tests.harness.plugin import ROOT

# Beside the data of the run, where no `make clean` takes them away in the middle of it.
LOGS = Path(os.environ["CHATSITE_DATA_DIR"])
START_SECONDS = 90
STOP_SECONDS = 30
STARTER = warm.Starter()


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
        return port


def manage(*arguments: str, env: Mapping[str, str] | None = None, timeout: float = 240) -> str:
    """Run a management command to its end; what it printed."""
    command = [sys.executable, str(ROOT / "manage.py"), *arguments]
    done = subprocess.run(
        command,
        cwd=ROOT,
        env={**os.environ, **(env or {})},
        capture_output=True,
        text=True,
        timeout=timeout,
    )
    if done.returncode:
        raise AssertionError(f"manage.py {' '.join(arguments)} failed:\n{done.stdout}{done.stderr}")
    return done.stdout


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
        self.passed: tuple[int, ...] = ()
        self.log = LOGS / f"{name}.log"
        self.process: subprocess.Popen[bytes] | warm.Forked | None = None

    def as_people_do(self) -> Self:
        """To be started by its command line, not from a warm process."""
        self.line = [sys.executable, str(ROOT / "manage.py"), self.command]
        return self

    @property
    def environment(self) -> dict[str, str]:
        return {**os.environ, **self.env}

    def start(self) -> Self:
        # Nobody else's to read, like everything in the data directory.
        self.log.unlink(missing_ok=True)
        with os.fdopen(os.open(self.log, os.O_WRONLY | os.O_CREAT, 0o600), "wb") as log:
            self.process = self._started(log)
        self._wait_until_ready()
        return self

    def _started(self, log: IO[bytes]) -> "subprocess.Popen[bytes] | warm.Forked":
        if not self.line and warm.IS_POSSIBLE:
            return STARTER.start(self.command, env=self.environment, log=log)
        return subprocess.Popen(
            self.line or self.as_people_do().line,
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
            return self.process.wait(5)


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


def collect_static() -> None:
    """Pages name static files by their hash, which only `collectstatic` knows. Once for all workers."""
    done = ROOT / "staticfiles" / ".tested"
    with (ROOT / "manage.py").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        run = os.environ["CHATSITE_TEST_RUN"]
        if not done.exists() or done.read_text() != run:
            manage("collectstatic", "--noinput", "--verbosity", "0")
            done.write_text(run)
