"""Everything a benchmark needs, started and stopped: provider, Postgres, our server, the reference."""

import contextlib
import os
import secrets
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path

from bench import http
from bench.processes import ROOT, cpu_seconds, family_cpu_seconds, measured, python, stop
from bench.tabs import Dialect, Tab
from chatsite.embedded.ports import free_port
from chatsite.embedded.postgres import Postgres

HOST = "127.0.0.1"
PEOPLE = 100
START_SECONDS = 60
# Nobody's own settings count here; empty is unset.
UNSET = ("CHATSITE_RUNS", "CHATSITE_TRUSTED_PROXIES", "CHATSITE_DEFAULT_MODEL", "REDIS_URL")


@dataclass
class Site:
    """A server that is measured."""

    dialect: Dialect
    port: int
    process: subprocess.Popen[bytes]
    sessions: Iterator[str]
    postgres: int | None = None
    tabs: list[Tab] = field(default_factory=list)

    @property
    def name(self) -> str:
        return self.dialect.name

    @property
    def pid(self) -> int:
        return self.process.pid

    async def tab(self, person: str | None = None) -> Tab:
        """Another open socket, of that person or of the next one."""
        tab = await Tab.opened(self.dialect, self.port, person or next(self.sessions))
        self.tabs.append(tab)
        return tab

    async def leave(self) -> None:
        for tab in self.tabs:
            tab.close()
        self.tabs.clear()

    def cpu(self) -> float:
        return cpu_seconds(self.pid)

    def postgres_cpu(self) -> float:
        return family_cpu_seconds(self.postgres) if self.postgres else 0.0


@dataclass
class Stage:
    provider: int
    ours: Site
    reference: Site

    @property
    def sites(self) -> tuple[Site, Site]:
        return self.ours, self.reference

    def cpu(self) -> float:
        """Seconds that the servers and Postgres have worked."""
        return sum(site.cpu() + site.postgres_cpu() for site in self.sites)

    def open_streams(self) -> int:
        return int(http.call(self.provider, "GET", "/open")[1])

    def end_streams(self) -> None:
        """Every stream ends as a model ends it."""
        http.call(self.provider, "POST", "/end")


@contextlib.contextmanager
def stage() -> Iterator[Stage]:
    with contextlib.ExitStack() as ends, tempfile.TemporaryDirectory(prefix="bench-") as kept:
        logs = Path(kept)
        provider = free_port(HOST)
        _keep(ends, python("-m", "bench.provider", str(provider), env={}, log=logs / "provider"))
        postgres = Postgres(ROOT / "var" / "bench")  # durable: a commit waits for the disk
        ends.callback(postgres.stop)
        postgres.start()
        assert postgres.child
        env = _environment(provider, logs, postgres)
        sessions = cycle(_prepared(env))
        ours = _ours(ends, env, sessions, logs, postgres.child.pid)
        reference = _reference(ends, env, logs)
        for port in (provider, ours.port, reference.port):
            _wait_for(port, logs)
        _wait_until_ready(ours, logs)
        yield Stage(provider, ours, reference)


def _keep(ends: contextlib.ExitStack, child: subprocess.Popen[bytes]) -> subprocess.Popen[bytes]:
    ends.callback(stop, child)
    return child


def _environment(provider: int, data: Path, postgres: Postgres) -> dict[str, str]:
    sockets = postgres.place.sockets
    return {
        **dict.fromkeys(UNSET, ""),
        "DJANGO_SETTINGS_MODULE": "chatsite.settings",
        "DJANGO_SECRET_KEY": secrets.token_hex(32),
        "DATABASE_URL": f"postgresql://postgres@/bench?host={sockets}",
        "CHATSITE_DATA_DIR": str(data),
        "CHATSITE_HOST": HOST,
        # Never reached, but counted: no limit at all would spare their queries.
        "CHATSITE_USER_REQUESTS_PER_MINUTE": "100000",
        "CHATSITE_USER_SOCKETS": "100000",
        "CHATSITE_USER_RUNS": "100000",
        "CHATSITE_DRAIN_SECONDS": "1",
        "CHATSITE_TITLES": "false",
        "CHATSITE_SUMMARIES": "false",
        "OPENAI_API_KEY": "bench",
        "OPENAI_BASE_URL": f"http://{HOST}:{provider}/v1",
    }


def _prepared(env: dict[str, str]) -> list[str]:
    """An empty database with all tables and some people. Their session keys."""
    import psycopg

    admin = env["DATABASE_URL"].replace("/bench?", "/postgres?")
    with psycopg.connect(admin, autocommit=True) as postgres:
        postgres.execute("DROP DATABASE IF EXISTS bench WITH (FORCE)")
        postgres.execute("CREATE DATABASE bench")
    _run("manage.py", "migrate", "--verbosity", "0", env=env)
    return _run("-m", "bench.people", str(PEOPLE), env=env).split()


def _run(*arguments: str, env: dict[str, str]) -> str:
    command = [sys.executable, *arguments]
    done = subprocess.run(
        command, cwd=ROOT, env={**os.environ, **env}, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(f"{' '.join(arguments)} failed:\n{done.stdout}{done.stderr}")
    return done.stdout


def _ours(
    ends: contextlib.ExitStack,
    env: dict[str, str],
    sessions: Iterator[str],
    logs: Path,
    postgres: int,
) -> Site:
    port = free_port(HOST)
    mine = {"CHATSITE_PORT": str(port), "CHATSITE_PUBLIC_URL": f"http://{HOST}:{port}"}
    child = measured("manage.py", "serve", env={**env, **mine}, log=logs / "ours")
    cookies = (f"sessionid={key}" for key in sessions)
    return Site(Dialect.OURS, port, _keep(ends, child), cookies, postgres)


def _reference(ends: contextlib.ExitStack, env: dict[str, str], logs: Path) -> Site:
    port = free_port(HOST)
    daphne = ("-m", "daphne", "-b", HOST, "-p", str(port), "-v", "0")
    child = measured(
        *daphne,
        "bench.reference:application",
        env={"OPENAI_BASE_URL": env["OPENAI_BASE_URL"]},
        log=logs / "reference",
    )
    return Site(Dialect.REFERENCE, port, _keep(ends, child), cycle([""]))


def _wait_for(port: int, logs: Path) -> None:
    """Until something answers there."""
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end:
        try:
            http.call(port, "GET", "/open")
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise _silent(port, logs)


def _wait_until_ready(site: Site, logs: Path) -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end:
        if http.call(site.port, "GET", "/readyz")[0] == 200:
            return
        time.sleep(0.05)
    raise _silent(site.port, logs)


def _silent(port: int, logs: Path) -> SystemExit:
    said = [f"== {log.name}\n{log.read_text()[-3000:]}" for log in logs.iterdir() if log.is_file()]
    return SystemExit(f"Nothing good came from port {port}.\n" + "\n".join(said))
