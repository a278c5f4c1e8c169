"""`manage.py …` from a process that has set up Django already.

Two seconds of each start are imports, the same every time, and the tests start more than a hundred servers.
Here one process imports libraries and our own code, and forks one server after the other (0074). Each has
an environment of its own and reads its settings from it anew; threads, the event loop and the application
are each one's own. Who has settings that somebody may have read at import begins from nothing.
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
from contextlib import suppress
from pathlib import Path
from threading import Lock
from typing import IO, Any, NamedTuple

ROOT = Path(__file__).resolve().parent.parent.parent
IS_POSSIBLE = hasattr(os, "pidfd_open")  # Linux
# Nothing of these or of ours may start a thread or open an event loop.
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
OURS = (
    "chatsite.urls",
    "conversations.live.routing",
    "conversations.management.commands.run_worker",
    "conversations.management.commands.serve",
    "conversations.runs.process",
)
# Settings that nobody reads before a command has begun. That of the others nobody does is not known.
LATE = {
    "ALLOWED_HOSTS",
    "ANSWER_CACHE",
    "ANSWER_SECONDS",
    "API_KEYS",
    "BETWEEN_TOKENS_SECONDS",
    "CONNECT_SECONDS",
    "CONTENT_SECURITY_POLICY",
    "CSRF_TRUSTED_ORIGINS",
    "DATABASES",
    "DRAIN_SECONDS",
    "FIRST_TOKEN_SECONDS",
    "IMAGE_HOSTS",
    "LOGGING",
    "OPENAI_API_KEY",
    "OPENAI_BASE_URL",
    "PORT",
    "PUBLIC_URL",
    "QUEUE_SECONDS",
    "RUNS",
    "SIGNUP",
    "TITLES",
    "USER_REQUESTS_PER_MINUTE",
    "USER_RUNS",
    "USER_SOCKETS",
    "WORKER_METRICS",
}
# The same where nothing is imported yet. Daphne comes first: it installs the event loop.
ALONE = """
import sys
import daphne.server
import django
django.setup()
exec(sys.argv[1])
from django.core.management import execute_from_command_line
execute_from_command_line(["manage.py", *sys.argv[2:]])
"""
ORDER_BYTES = 256 * 1024  # an environment
# For whom it matters how soon the others take a process for dead.
DEAD_SECONDS = "CHATSITE_TEST_DEAD_SECONDS"
PATIENT_SECONDS = 10.0


def alone(first: str, *arguments: str) -> list[str]:
    """The command line of a process that begins from nothing."""
    if first:
        return [sys.executable, "-c", ALONE, first, *arguments]
    return [sys.executable, str(ROOT / "manage.py"), *arguments]


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

    def __init__(self, line: socket.socket | None = None) -> None:
        self._lock = Lock()
        self._line = line

    def start(
        self, *arguments: str, env: Mapping[str, str], log: IO[bytes], first: str = ""
    ) -> Forked:
        """`first` is done before the command, and once all is imported."""
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        order = json.dumps({"arguments": [*arguments], "env": dict(env), "first": first})
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
    first: str
    log: int

    def become(self) -> None:
        """What a process is given when it is started anew."""
        os.dup2(self.log, 1)
        os.dup2(self.log, 2)
        os.close(self.log)
        os.environ.clear()
        os.environ.update(self.env)
        sys.argv = ["manage.py", *self.arguments]
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
        _tell(telling, pid)
        return None

    def _bury(self, end: int) -> None:
        pid, telling = self.children.pop(end)
        self.asking.unregister(end)
        os.close(end)
        _, status = os.waitpid(pid, 0)
        with telling:
            _tell(telling, os.waitstatus_to_exitcode(status))

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


def _tell(line: socket.socket, number: int) -> None:
    """Whoever asked may be gone, ended by a time-out: the other children are still somebody's."""
    with suppress(OSError):
        line.send(str(number).encode())


def set_up() -> dict[str, Any]:
    """All is imported; the settings with which that was done."""
    import django

    django.setup()
    for name in OURS:
        importlib.import_module(name)
    return all_settings()


def all_settings() -> dict[str, Any]:
    from django.conf import settings

    return {name: getattr(settings, name) for name in dir(settings) if name.isupper()}


def read_anew(imported_with: dict[str, Any]) -> bool:
    """The settings, from the environment as it is now. False if one is different that was read already."""
    from django.conf import settings
    from django.db import connections
    from django.utils.functional import empty

    del sys.modules["chatsite.settings"]
    settings._wrapped = empty
    type(connections).__init__(connections)
    vars(connections).pop("settings", None)
    try:
        now = all_settings()
    except Exception:  # noqa: BLE001
        return True  # the command itself says what is wrong with them
    return {name for name in now if now[name] != imported_with.get(name)} <= LATE


def be_another() -> None:
    """A process is known by an id that was made at import. Many have that by now: it changes where it is."""
    from conversations.ids import uuid7
    from conversations.runs.start import BOOT

    object.__setattr__(BOOT, "int", uuid7().int)


def be_patient() -> None:
    """Four seconds without a turn are nothing where ten other things are at work: nobody is dead for that."""
    from conversations.runs import reaper

    reaper.DEAD_SECONDS = float(os.environ.get(DEAD_SECONDS) or PATIENT_SECONDS)


def main() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for pytest, which ends the servers
    for name in LIBRARIES:
        importlib.import_module(name)
    imported_with = set_up()
    gc.collect()
    gc.freeze()
    if order := Parent(socket.socket(fileno=int(sys.argv[1]))).next_child():
        order.become()
        if not read_anew(imported_with):
            os.execv(sys.executable, alone(order.first, *order.arguments))
        be_another()
        be_patient()
        exec(order.first)
        from django.core.management import execute_from_command_line

        execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
