"""The database of the server under test, beside pytest-django's, and a way to look into it."""

import os
import subprocess
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

import orjson
import psycopg
from django.db import connections, transaction
from django.db.models import Model
from pytest_django import DjangoDbBlocker

from conversations.db import persistently
from conversations.events import doorbell
from tests.harness.server import manage

T = TypeVar("T")
M = TypeVar("M", bound=Model)


# All workers' databases are copies of one: copying takes a tenth of a second, migrating two.
PATTERN = f"chatsite_pattern_{os.environ['CHATSITE_TEST_RUN']}"
PATTERN_LOCK = 20_240_041
# A fifth of what migrating costs is the garbage collector, and the process ends right after.
UNTIDY = "import gc; gc.disable()"
# What is rung when something is changed that holds for everybody.
FOR_ALL = {"allowed", "budgets", "catalogue", "circuit", "halted", "limits", "moderation", "site"}


def fresh_database(name: str) -> str:
    """A migrated database `name` on the cluster of DATABASE_URL; its address."""
    pattern = migrated_pattern()
    with _cluster() as postgres:
        postgres.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'.encode())
        postgres.execute(f'CREATE DATABASE "{name}" TEMPLATE "{pattern}"'.encode())
    return _named(os.environ["DATABASE_URL"], name)


def pour(into: str, programs: Path) -> None:
    """All that a migrated database has into an empty one of another cluster, in a tenth of what migrating
    it takes. By way of a copy: while somebody reads the pattern, nobody else could copy it."""
    name = f"chatsite_poured_{os.getpid()}"
    try:
        dump = [str(programs / "pg_dump"), fresh_database(name)]
        statements = subprocess.run(dump, check=True, capture_output=True).stdout
        fill = [str(programs / "psql"), "--quiet", "--no-psqlrc", "--set=ON_ERROR_STOP=1", into]
        subprocess.run(fill, input=statements, check=True, stdout=subprocess.DEVNULL)
    finally:
        drop_database(name)


def empty_database(name: str) -> str:
    """One without any table on the same cluster; its address."""
    drop_database(name)
    with _cluster() as postgres:
        postgres.execute(f'CREATE DATABASE "{name}"'.encode())
    return _named(os.environ["DATABASE_URL"], name)


def migrated_pattern() -> str:
    """The database that the others are copied from, made by whichever worker needs it first."""
    with _cluster() as postgres:
        postgres.execute("SELECT pg_advisory_lock(%s)", [PATTERN_LOCK])
        there = postgres.execute("SELECT 1 FROM pg_database WHERE datname = %s", [PATTERN])
        if not there.fetchone():
            draft = f"{PATTERN}_draft"
            drop_database(draft)
            postgres.execute(f'CREATE DATABASE "{draft}"'.encode())
            url = _named(os.environ["DATABASE_URL"], draft)
            manage("migrate", "--verbosity", "0", env={"DATABASE_URL": url}, first=UNTIDY)
            with psycopg.connect(url) as made:
                # The stub fails on command, test after test: nobody is to leave it alone for that.
                made.execute("UPDATE conversations_provider SET failures_in_a_row = 0")
            postgres.execute(f'ALTER DATABASE "{draft}" RENAME TO "{PATTERN}"'.encode())
    return PATTERN


def drop_database(name: str) -> None:
    with _cluster() as postgres:
        postgres.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'.encode())


def _cluster() -> psycopg.Connection:
    place = _named(os.environ["DATABASE_URL"], "postgres")
    return psycopg.connect(place, autocommit=True)


def shut_database(name: str, *, shut: bool = True) -> None:
    """Postgres goes, as far as this database's users can tell; `shut=False` brings it back."""
    with _cluster() as postgres:
        allow = str(not shut).lower()
        postgres.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS {allow}'.encode())
        if shut:
            ending = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname=%s"
            postgres.execute(ending, [name])


def _named(url: str, name: str) -> str:
    return urlsplit(url)._replace(path=f"/{name}").geturl()


class Ground:
    """Django's ORM on the server's database.

    It has a thread of its own, where the default connection leads there and not to pytest-django's
    database, and where Django does not meet Playwright's event loop and take us for async code.
    """

    def __init__(self, name: str, blocker: DjangoDbBlocker, **place: str) -> None:
        """`place` (HOST, PORT, USER) leads to another cluster than that of DATABASE_URL."""
        self.place = {"NAME": name, **place}
        self.blocker = blocker
        # Whether something was changed for everybody that the server may not have heard of.
        self.is_news = False
        self.thread = ThreadPoolExecutor(1, "ground", initializer=self._connect)

    def _connect(self) -> None:
        from django.db.backends.postgresql.base import DatabaseWrapper

        known = connections.settings["default"]
        options = {name: value for name, value in known["OPTIONS"].items() if name != "pool"}
        settings = {**known, **self.place, "OPTIONS": options, "TIME_ZONE": None}
        connections["default"] = DatabaseWrapper(settings, "default")
        connections["default"].execute_wrappers.append(self._listening)

    def _listening(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql == doorbell.RING:
            self.is_news |= any(FOR_ALL & orjson.loads(one).keys() for one in params["news"])
        return execute(sql, params, many, context)

    def run(self, work: Callable[[], T]) -> T:
        with self.blocker.unblock():
            return self.thread.submit(work).result(120)

    def in_transaction(self, work: Callable[[], T]) -> T:
        """As the site itself does it: anew after a deadlock, for the server is at work as well."""
        return self.run(partial(persistently, work))

    def save(self, row: Model) -> None:
        self.run(lambda: row.save())

    def rows(self, model: type[M], **having: Any) -> list[M]:
        """Rows as they are in Postgres now, oldest first."""
        return self.run(lambda: list(model._default_manager.filter(**having).order_by("pk")))

    def row(self, model: type[M], **having: Any) -> M:
        found = self.rows(model, **having)
        assert len(found) == 1, f"{len(found)} rows of {model.__name__}, not one"
        return found[0]

    @contextmanager
    def locked(self, model: type[Model]) -> Iterator[None]:
        """Whoever reads or writes this table waits meanwhile."""
        ours = transaction.atomic()
        self.run(ours.__enter__)
        try:
            table = model._meta.db_table
            self.run(lambda: _execute(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE"))
            yield
        finally:
            self.run(lambda: ours.__exit__(None, None, None))

    @contextmanager
    def holding(self, row: Model) -> Iterator[None]:
        """Whoever wants to change this row waits meanwhile."""
        ours = transaction.atomic()
        self.run(ours.__enter__)
        try:
            rows = type(row)._default_manager.select_for_update()
            self.run(lambda: rows.get(pk=row.pk))
            yield
        finally:
            self.run(lambda: ours.__exit__(None, None, None))

    def wait_until_somebody_waits(self, timeout: float = 60) -> None:
        """For what we hold; none before us waits, because nobody else holds anything for long."""
        end = time.monotonic() + timeout
        while not self.run(_somebody_waits):
            assert time.monotonic() < end, "nobody waits for a lock"
            time.sleep(0.02)

    @contextmanager
    def without(self, model: type[Model]) -> Iterator[None]:
        """Whoever reads or writes this table meets an error that nobody foresaw."""
        table = model._meta.db_table
        self.run(lambda: _execute(f"ALTER TABLE {table} RENAME TO {table}_elsewhere"))
        try:
            yield
        finally:
            self.run(lambda: _execute(f"ALTER TABLE {table}_elsewhere RENAME TO {table}"))

    def until_waiting(self, work: "Future[Any]") -> None:
        """Until `work`, which goes on beside, waits for a lock that we hold, or is done without one."""
        patient_until = time.monotonic() + 60
        while not work.done() and not self.run(self._somebody_waits):
            assert time.monotonic() < patient_until, "it neither waits nor ends"
            time.sleep(0.01)

    def _somebody_waits(self) -> bool:
        waiting = (
            "SELECT count(*) FROM pg_stat_activity WHERE datname = %s AND wait_event_type = 'Lock'"
        )
        with connections["default"].cursor() as cursor:
            cursor.execute(waiting, [self.place["NAME"]])
            return bool(cursor.fetchone()[0])

    def close(self) -> None:
        self.run(lambda: connections["default"].close())
        self.thread.shutdown()


def _somebody_waits() -> bool:
    with connections["default"].cursor() as cursor:
        # Within one transaction Postgres would say the same again and again.
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        return bool(cursor.fetchone()[0])


def _execute(statement: str) -> None:
    with connections["default"].cursor() as cursor:
        cursor.execute(statement)
