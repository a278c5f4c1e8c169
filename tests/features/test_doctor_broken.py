"""Sites that are broken, one way each: the doctor says what is so, why it matters and what to do."""

import os
import resource
import shutil
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psycopg
import pytest
from django.conf import settings as live
from django.core.checks import Warning as Found
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.db import connection

from conversations import db
from conversations.attachments.storage import PrivateFiles
from conversations.doctor import examine, machine, postgres, site
from conversations.doctor.finding import Finding, State
from conversations.provider import catalogue
from conversations.usage import overview

pytestmark = pytest.mark.django_db

Look = Callable[[], Iterable[Finding]]
Break = Callable[[Any, Path], AbstractContextManager[None] | None]


def changed(place: Any, **values: Any) -> Break:
    """What a machine, or another function, says."""

    def breaks(monkeypatch: Any, _room: Path) -> None:
        for name, value in values.items():
            monkeypatch.setattr(place, name, value)

    return breaks


def said(statement: str) -> Break:
    """In the transaction of the test, which is taken back."""

    def breaks(_monkeypatch: Any, _room: Path) -> None:
        with connection.cursor() as cursor:
            cursor.execute(statement)

    return breaks


def with_free(count: int) -> Break:
    return changed(shutil, disk_usage=lambda _place: SimpleNamespace(free=count))


def with_open_files(count: int) -> Break:
    @contextmanager
    def limited() -> Iterator[None]:
        was = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (count, was[1]))
        try:
            yield
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, was)

    return lambda _monkeypatch, _room: limited()


def with_somebody_who_does_not_end(monkeypatch: Any, room: Path) -> AbstractContextManager[None]:
    @contextmanager
    def open_for_long() -> Iterator[None]:
        with psycopg.connect(db.connection_string()) as other:
            other.execute("SELECT 1")
            # Within one transaction Postgres would say again what it said before.
            said("SELECT pg_stat_clear_snapshot()")(monkeypatch, room)
            yield

    monkeypatch.setattr(postgres, "LONG", timedelta(0))
    return open_for_long()


def with_a_lost_file(monkeypatch: Any, room: Path) -> None:
    monkeypatch.setattr(live, "DATA_DIR", room)
    monkeypatch.setattr(default_storage, "_wrapped", PrivateFiles())
    name = default_storage.save(f"ab/{'ab' * 32}.png", ContentFile(b"nobody's"))
    old = datetime(2026, 1, 1, tzinfo=UTC).timestamp()
    os.utime(default_storage.path(name), (old, old))


NEARLY = SimpleNamespace(name="the whole site", share=Decimal("0.93"))
LATER = SimpleNamespace(time=lambda: time.time() + 60)
# A ring within the transaction of a test is never heard.
TABLE: list[tuple[str, Break, Look, State, str]] = [
    ("python", changed(machine, FIRST_PYTHON=(9, 0)), machine.python, State.WRONG, "Python 3"),
    (
        "checks of Django",
        changed(machine, run_checks=lambda **_: [Found("that is odd", id="some.W001")]),
        machine.checks,
        State.MIND,
        "some.W001: that is odd",
    ),
    ("little room", with_free(1_900_000_000), machine.disk, State.MIND, "1.9 GB free"),
    ("no room", with_free(100_000_000), machine.disk, State.WRONG, "0.1 GB free"),
    ("few files", with_open_files(2048), machine.open_files, State.MIND, "2,048 files"),
    ("no files", with_open_files(1000), machine.open_files, State.WRONG, "1,000 files"),
    ("old", changed(postgres, FIRST_POSTGRES=990_000), postgres.server, State.WRONG, "Postgres 1"),
    (
        "extension",
        said("UPDATE pg_extension SET extname = 'gone' WHERE extname = 'pg_trgm'"),
        postgres.extensions,
        State.WRONG,
        "pg_trgm is missing",
    ),
    (
        "migration",
        said("DELETE FROM django_migrations WHERE name = '0002_ground'"),
        postgres.migrations,
        State.WRONG,
        "1 migrations are not applied",
    ),
    (
        "connections",
        changed(postgres, A_PROCESS=100_000),
        postgres.connections,
        State.WRONG,
        "may want",
    ),
    (
        "transaction",
        with_somebody_who_does_not_end,
        postgres.transactions,
        State.MIND,
        "(idle in transaction)",
    ),
    ("clock", changed(postgres, time=LATER), postgres.clock, State.WRONG, "60.0 s apart"),
    (
        "no model",
        changed(catalogue, usual_model=lambda: None),
        site.models,
        State.WRONG,
        "No model is on offer",
    ),
    (
        "budget",
        changed(overview, warned=lambda: [NEARLY]),
        site.budgets,
        State.MIND,
        "“the whole site” is 93 % used",
    ),
    ("lost file", with_a_lost_file, site.files, State.MIND, "1 belong to no row"),
]


@pytest.mark.parametrize(
    ("breaks", "look", "state", "words"), [one[1:] for one in TABLE], ids=[one[0] for one in TABLE]
)
def test_what_is_broken_is_told(
    breaks: Break, look: Look, state: State, words: str, monkeypatch: Any, tmp_path: Path
) -> None:
    before = list(look())
    assert not [one for one in before if words in one.what and one.state == state]
    with breaks(monkeypatch, tmp_path) or nullcontext():
        found = [one for one in look() if one.state == state]
    assert any(words in one.what and one.why and one.do for one in found), found


def test_a_superuser_and_a_doorbell_that_nobody_hears_are_told(monkeypatch: Any) -> None:
    assert [one.state for one in postgres.role(embedded=True)] == [State.OK]
    assert [one.state for one in postgres.role(embedded=False)] == [State.MIND]
    monkeypatch.setattr(postgres, "RING_SECONDS", 0.1)  # in this transaction nothing rings
    (found,) = postgres.doorbell()
    assert found.state == State.WRONG and "PgBouncer" in found.do


@pytest.mark.parametrize(
    ("instead", "words", "do"),
    [
        ("dbname=nobody_s", 'database "nobody_s" does not exist', "CREATE DATABASE"),
        ("host=127.0.0.1 port=9", "refused", "Start it"),
        ("host=nowhere.invalid", "nowhere.invalid", "nobody knows that name"),
    ],
)
def test_why_postgres_cannot_be_reached_is_told_in_its_own_words(
    instead: str, words: str, do: str, monkeypatch: Any
) -> None:
    other = f"{db.connection_string()} {instead}"  # what is said twice counts the second time
    monkeypatch.setattr(db, "connection_string", lambda: other)
    found = examine._away(embedded=False)
    assert found is not None and found.state == State.WRONG
    assert words in found.what and do in found.do


def test_a_look_that_fails_is_no_end(monkeypatch: Any, capsys: pytest.CaptureFixture[str]) -> None:
    """A connection of its own finds no place, and a bug is a bug: the looks after it are told."""

    def full() -> Iterator[Finding]:
        raise psycopg.OperationalError("FATAL: sorry, too many clients already\nand more")

    monkeypatch.setattr(postgres, "doorbell", full)
    monkeypatch.setattr(machine, "shutil", None)
    with pytest.raises(SystemExit):  # nobody is an administrator
        call_command("doctor", "--offline")
    told = capsys.readouterr().out
    assert "too many clients already)." in told and "and more" not in told
    assert "disk: It could not be looked at ('NoneType'" in told and "WRONG  staff" in told
