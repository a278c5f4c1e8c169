"""`manage.py …` from a process that has imported already what every command of ours imports.

Most of a second of each start are libraries, the same every time, and the tests start more than a hundred
servers. Here one process imports them and forks one server after the other. Settings, our own code, threads
and the event loop are each one's own, and so is the environment.
"""

import gc
import importlib
import json
import os
import selectors
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from threading import Lock
from typing import IO, NamedTuple

ROOT = Path(__file__).resolve().parent.parent.parent
IS_POSSIBLE = hasattr(os, "pidfd_open")  # Linux
# Nothing that reads settings, starts a thread or opens an event loop.
LIBRARIES = (
    "autobahn.twisted.websocket",
    "channels.auth",
    "csp.middleware",
    "django.contrib.admin.sites",
    "django.contrib.postgres.fields",
    "django.core.handlers.asgi",
    "django.core.management",
    "django.db.backends.postgresql.base",
    "openai",
    "orjson",
    "PIL.Image",
    "psycopg_pool",
    "pydantic",
    "twisted.internet.asyncioreactor",
    "twisted.web.http",
    "whitenoise.middleware",
)
ORDER_BYTES = 256 * 1024  # an environment


class Forked:
    """What `subprocess.Popen` is, as far as the harness asks."""

    def __init__(self, line: socket.socket) -> None:
        self._line = line
        self.pid = int(line.recv(16))

    def wait(self, timeout: float | None = None) -> int:
        self._line.settimeout(timeout)
        try:
            # It stays there to be read again: several threads may ask.
            return int(self._line.recv(16, socket.MSG_PEEK))
        except (TimeoutError, BlockingIOError):
            raise subprocess.TimeoutExpired(f"process {self.pid}", timeout or 0) from None

    def poll(self) -> int | None:
        try:
            return self.wait(0)
        except subprocess.TimeoutExpired:
            return None

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


class Starter:
    """The warm process, seen from the tests. It ends when they do: its line is closed then."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._line: socket.socket | None = None

    def start(self, *arguments: str, env: Mapping[str, str], log: IO[bytes]) -> Forked:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        order = json.dumps({"arguments": ["manage.py", *arguments], "env": dict(env)})
        with self._lock, theirs:
            self._line = self._line or _begun()
            socket.send_fds(self._line, [order.encode()], [theirs.fileno(), log.fileno()])
        return Forked(ours)


def _begun() -> socket.socket:
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    command = [sys.executable, "-m", __name__, str(theirs.fileno())]
    with theirs:
        subprocess.Popen(command, cwd=ROOT, stdin=subprocess.DEVNULL, pass_fds=[theirs.fileno()])
    return ours


class Order(NamedTuple):
    arguments: list[str]
    env: dict[str, str]
    log: int

    def become(self) -> None:
        """What a process is given when it is started anew."""
        os.dup2(self.log, 1)
        os.dup2(self.log, 2)
        os.close(self.log)
        os.environ.clear()
        os.environ.update(self.env)
        sys.argv = self.arguments
        signal.signal(signal.SIGINT, signal.default_int_handler)


class Parent:
    """Forks as it is told, and tells how its children ended."""

    def __init__(self, line: socket.socket) -> None:
        self.line = line
        self.asking = selectors.DefaultSelector()
        self.asking.register(line, selectors.EVENT_READ)
        self.children: dict[int, tuple[int, socket.socket]] = {}

    def next_child(self) -> Order | None:
        """Comes back in each child with what it is to do; at last in the parent with nothing."""
        while True:
            for key, _ in self.asking.select():
                if key.fd in self.children:
                    self._bury(key.fd)
                    continue
                said, files, _, _ = socket.recv_fds(self.line, ORDER_BYTES, 2)
                if not said:
                    self._end_all()
                    return None
                if order := self._fork(said, *files):
                    return order

    def _fork(self, said: bytes, report: int, log: int) -> Order | None:
        pid = os.fork()
        if not pid:
            os.close(report)
            self._forget()
            return Order(log=log, **json.loads(said))
        os.close(log)
        end, telling = os.pidfd_open(pid), socket.socket(fileno=report)
        self.children[end] = pid, telling
        self.asking.register(end, selectors.EVENT_READ)
        telling.send(str(pid).encode())
        return None

    def _bury(self, end: int) -> None:
        pid, telling = self.children.pop(end)
        self.asking.unregister(end)
        os.close(end)
        _, status = os.waitpid(pid, 0)
        with telling:
            telling.send(str(os.waitstatus_to_exitcode(status)).encode())

    def _forget(self) -> None:
        """A child has no brothers: what is open here would stay open in it."""
        self.asking.close()
        self.line.close()
        for end, (_, telling) in self.children.items():
            os.close(end)
            telling.close()

    def _end_all(self) -> None:
        """The tests are gone, and nobody else would."""
        for pid, _ in self.children.values():
            os.kill(pid, signal.SIGKILL)


def main() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for pytest, which ends the servers
    for name in LIBRARIES:
        importlib.import_module(name)
    gc.collect()
    gc.freeze()
    if order := Parent(socket.socket(fileno=int(sys.argv[1]))).next_child():
        order.become()
        from django.core.management import execute_from_command_line

        execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
