"""A Postgres of the chaos alone, which may be killed, behind a proxy, which may stall."""

import shutil
from itertools import count
from pathlib import Path
from typing import IO

import psycopg

from chatsite.embedded.alone import only_one
from chatsite.embedded.postgres import Postgres
from chatsite.embedded.trouble import Trouble
from tests.server.chaos.proxies import Loop, Proxy

DATABASE = "chaos"
# It is the processes that crash here, not the machine: what was written is kept by the kernel, so
# nothing is synced. But what is acknowledged has been written: no `synchronous_commit=off`.
SETTINGS = ("fsync=off", "max_wal_size=4GB", "max_connections=500")
OPTIONS = "sslmode=disable&gssencmode=disable"


class Cluster:
    """To be made and restarted from the main thread, as all that starts processes for good."""

    def __init__(self, data_dir: Path, loop: Loop) -> None:
        self.home, self._lock = _alone(data_dir)
        self.postgres = Postgres(self.home, settings=SETTINGS)
        self._start()
        sockets = self.postgres.place.sockets
        self.proxy = Proxy(loop, str(sockets / ".s.PGSQL.5432"))
        self.url = f"postgresql://postgres@127.0.0.1:{self.proxy.port}/{DATABASE}?{OPTIONS}"
        self.direct = f"postgresql:///{DATABASE}?host={sockets}&user=postgres"
        self.make_database()

    def _start(self) -> None:
        try:
            self.postgres.start()
        except Trouble:  # broken by an earlier run that was killed: nobody needs what is in it
            self.postgres.stop(at_once=True)
            shutil.rmtree(self.postgres.place.data, ignore_errors=True)
            self.postgres.start()

    def make_database(self) -> None:
        place = self.direct.replace(f"/{DATABASE}?", "/postgres?")
        with psycopg.connect(place, autocommit=True) as postgres:
            postgres.execute(f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)".encode())
            postgres.execute(f"CREATE DATABASE {DATABASE}".encode())

    def restart_at_once(self) -> None:
        """`pg_ctl restart -m immediate`: no good-bye to anybody, then recovery from the log."""
        self.postgres.stop(at_once=True)
        self.postgres.start()

    def close(self) -> None:
        self.proxy.close()
        self.postgres.stop(at_once=True)
        self._lock.close()


def _alone(data_dir: Path) -> tuple[Path, IO[str]]:
    """A directory that no other run of the tests uses meanwhile."""
    for number in count(1):
        own = data_dir if number == 1 else data_dir.with_name(f"{data_dir.name}-{number}")
        try:
            return own, only_one(own, what="chaos")
        except Trouble:
            continue
    raise AssertionError
