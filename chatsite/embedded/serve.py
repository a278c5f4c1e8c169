"""The supervisor of `make run`: starts the parts in order, watches them, ends them in order.

Server and worker end first, so that they can drain while their database and their model still answer.
"""

import os
import secrets
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import FrameType

from chatsite.embedded.alone import only_one
from chatsite.embedded.model import HOST, KEY_VARIABLE, model_file
from chatsite.embedded.ports import check_port, free_port
from chatsite.embedded.postgres import Postgres
from chatsite.embedded.processes import (
    ask_for_signal_at_parents_death,
    end,
    last_lines,
    opened_log,
    start,
)
from chatsite.embedded.trouble import cannot_use
from chatsite.env import Env

BASE_DIR = Path(__file__).resolve().parent.parent.parent
MODEL_VARIABLE = "CHATSITE_BUILTIN_MODEL_URL"
# `kill -- -group` and make both pass one signal on: two that come together are one wish.
SECOND_SIGNAL_SECONDS = 0.5
# Past the drain a server that still lives is stuck.
BEYOND_DRAIN_SECONDS = 10.0
AT_ONCE_SECONDS = 3.0

Child = subprocess.Popen[bytes]


class Wishes:
    """Signals that ask us to end, counted; `wait` returns early when one comes or a child ends."""

    def __init__(self) -> None:
        self.count = 0
        self._last = 0.0
        self._listening, self._waking = socket.socketpair()
        self._listening.setblocking(False)
        self._waking.setblocking(False)
        signal.set_wakeup_fd(self._waking.fileno(), warn_on_full_buffer=False)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._note)
        signal.signal(signal.SIGCHLD, lambda _number, _frame: None)

    def _note(self, _number: int, _frame: FrameType | None) -> None:
        now = time.monotonic()
        if now - self._last >= SECOND_SIGNAL_SECONDS:
            self.count += 1
        self._last = now

    def wait(self, until: Callable[[], bool], seconds: float = float("inf")) -> bool:
        """Whether `until` came true in that time."""
        deadline = time.monotonic() + seconds
        while not until() and time.monotonic() < deadline:
            # One second at most, should a wake-up ever be missed.
            select.select(
                [self._listening], [], [], min(1.0, max(0.0, deadline - time.monotonic()))
            )
            self._drain()
        return until()

    def _drain(self) -> None:
        try:
            while self._listening.recv(4096):
                pass
        except BlockingIOError:
            pass


class Supervisor:
    def __init__(self, env: Env) -> None:
        self.env = env
        self.data_dir = data_dir(env)
        self.log_dir = self.data_dir / "log"
        self.drain = env.whole("CHATSITE_DRAIN_SECONDS", 20, most=3600)
        self.postgres: Postgres | None = None
        self.model: Child | None = None
        self.server: Child | None = None
        self.worker: Child | None = None
        self.wishes = Wishes()

    def run(self) -> int:
        """Until a signal comes (0) or a part ends by itself (1)."""
        try:
            self._start()
            self.wishes.wait(lambda: self.wishes.count > 0 or self._ended() is not None)
            ended = None if self.wishes.count else self._ended()
        finally:
            self._stop()
        if ended:
            print(ended, file=sys.stderr)
        return 1 if ended else 0

    def _start(self) -> None:
        extra: dict[str, str] = {}
        if uses_builtin_model(self.env):
            self.model, extra = start_model(self.log_dir)
        if not self.env.text("DATABASE_URL"):
            self.postgres = Postgres(self.data_dir)
            self.postgres.start()
        if self.wishes.count or self._ended():
            return
        variables = {**os.environ, **extra}
        self.server = _manage("serve", "--prepare", env=variables)
        if self.env.text("CHATSITE_RUNS") == "workers":
            self.worker = _manage("run_worker", env=variables)

    def _ended(self) -> str | None:
        """Which part has ended by itself, in a sentence."""
        postgres = self.postgres.child if self.postgres else None
        parts = (
            ("The server", self.server, None),
            ("The worker", self.worker, None),
            ("Postgres", postgres, self.log_dir / "postgres.log"),
            ("The built-in model", self.model, self.log_dir / "model.log"),
        )
        for name, child, log in parts:
            if child and (code := child.poll()) is not None:
                return _sentence(name, code, log)
        return None

    def _stop(self) -> None:
        self._stop_server()
        if self.model:
            end(self.model, [(signal.SIGTERM, 2.0)])
        if self.postgres:
            self.postgres.stop(at_once=self.wishes.count > 1)

    def _stop_server(self) -> None:
        """One SIGTERM lets running answers finish; a second wish of ours ends it at once."""
        alive = [child for child in (self.server, self.worker) if child and child.poll() is None]
        first = max(self.wishes.count, 1)
        for child in alive:
            child.terminate()
        self.wishes.wait(
            lambda: all(one.poll() is not None for one in alive) or self.wishes.count > first,
            self.drain + BEYOND_DRAIN_SECONDS,
        )
        for child in alive:
            end(child, [(signal.SIGTERM, AT_ONCE_SECONDS)])


def start_model(log_dir: Path) -> tuple[Child, dict[str, str]]:
    """The built-in model, and what those who ask it must know. It loads while the rest starts."""
    model_file()
    port, key = free_port(HOST), secrets.token_urlsafe(24)
    command = [sys.executable, "-m", "chatsite.embedded.model", "--port", str(port)]
    with opened_log(log_dir / "model.log") as log:
        child = start(command, cwd=BASE_DIR, env={**os.environ, KEY_VARIABLE: key}, output=log)
    return child, {MODEL_VARIABLE: f"http://{HOST}:{port}/v1", KEY_VARIABLE: key}


def _manage(*command: str, env: dict[str, str]) -> Child:
    return start([sys.executable, BASE_DIR / "manage.py", *command], cwd=BASE_DIR, env=env)


def data_dir(env: Env) -> Path:
    return Path(env.text("CHATSITE_DATA_DIR", str(BASE_DIR / "var"))).expanduser().absolute()


def uses_builtin_model(env: Env) -> bool:
    return not env.text("OPENAI_API_KEY") and not env.text("OPENAI_BASE_URL")


def _sentence(name: str, code: int, log: Path | None) -> str:
    how = f"was killed by {signal.Signals(-code).name}" if code < 0 else f"ended with code {code}"
    told = f"{name} {how}; everything else is stopped too."
    if log:
        told += "".join(f"\n  {line}" for line in last_lines(log, 5)) + f"\n  (from {log})"
    return told


def main() -> int:
    if os.environ.get("MAKELEVEL"):
        # make passes SIGTERM on; this is for a make that is killed.
        ask_for_signal_at_parents_death(signal.SIGTERM)
    env = Env.beside(BASE_DIR)
    here = data_dir(env)
    with only_one(here):
        check_port(
            env.text("CHATSITE_HOST", "127.0.0.1"),
            env.whole("CHATSITE_PORT", 8000, least=1, most=65535),
        )
        try:
            return Supervisor(env).run()
        except OSError as problem:
            raise cannot_use(Path(problem.filename or here), problem) from None
