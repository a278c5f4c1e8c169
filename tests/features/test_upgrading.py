"""A new version makes its tables and indexes, however many processes start, and whatever was cut."""

import threading
import time
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import psycopg
import pytest
from django.db import connection, connections, models
from django.db.migrations import CreateModel
from django.db.migrations.state import ProjectState

from conversations.accounts import setup
from conversations.db import connection_string
from conversations.migrations._beside import AddIndexBeside

PATIENCE = 30
SEEN = "SELECT FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND query ~ 'advisory_lock.*{}'"


@pytest.fixture
def elsewhere(db: None) -> psycopg.Connection[Any]:
    return psycopg.connect(connection_string(), autocommit=True)


def until(holds: Callable[[], object]) -> None:
    ends = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < ends
        time.sleep(0.02)  # another process of Postgres does not ring


class Meanwhile(threading.Thread):
    """On a thread with a connection of its own, in no transaction; its trouble is told by `end`."""

    def __init__(self, work: Callable[[], Any]) -> None:
        super().__init__(daemon=True)
        self.work, self.trouble = work, list[Exception]()
        self.start()

    def run(self) -> None:
        try:
            self.work()
        except Exception as trouble:  # noqa: BLE001 told by `end`
            self.trouble.append(trouble)
        finally:
            connections.close_all()

    def end(self) -> None:
        self.join(PATIENCE)
        assert not self.is_alive() and not self.trouble, self.trouble


def test_who_waits_for_another_to_migrate_is_in_the_way_of_no_index(
    elsewhere: psycopg.Connection[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = SimpleNamespace(graph=SimpleNamespace(leaf_nodes=list))
    executor = SimpleNamespace(loader=plan, migration_plan=lambda _leaves: ["something"])
    monkeypatch.setattr(setup, "MigrationExecutor", lambda _connection: executor)
    monkeypatch.setattr(setup, "MIGRATING", 0x74657374)
    migrated = list[str]()
    monkeypatch.setattr(setup, "call_command", lambda name, **_: migrated.append(name))
    elsewhere.execute("SELECT pg_advisory_lock(%s)", [setup.MIGRATING])
    elsewhere.execute("CREATE TABLE upgraded (id int)")
    try:
        second = Meanwhile(setup._migrate)
        until(lambda: elsewhere.execute(SEEN.format(setup.MIGRATING)).fetchone() is not None)
        # Postgres would say that each waits for the other.
        elsewhere.execute("CREATE INDEX CONCURRENTLY upgraded_id ON upgraded (id)")
        assert not migrated
        elsewhere.execute("SELECT pg_advisory_unlock(%s)", [setup.MIGRATING])
        second.end()
        assert migrated == ["migrate"]
    finally:
        elsewhere.execute("DROP TABLE upgraded")
        elsewhere.close()


def test_an_index_that_was_cut_is_made_again(elsewhere: psycopg.Connection[Any]) -> None:
    """As by `kill -9`, which leaves it there and says of it that it is not valid."""
    elsewhere.execute("CREATE TABLE conversations_upgraded (id int PRIMARY KEY, a int)")
    elsewhere.execute("INSERT INTO conversations_upgraded VALUES (1, 1), (2, 1)")
    with pytest.raises(psycopg.errors.UniqueViolation):
        elsewhere.execute("CREATE UNIQUE INDEX CONCURRENTLY of_a ON conversations_upgraded (a)")
    before = ProjectState()
    fields: list[tuple[str, models.Field[Any, Any]]] = [
        ("id", models.IntegerField(primary_key=True)),
        ("a", models.IntegerField()),
    ]
    CreateModel("Upgraded", fields).state_forwards("conversations", before)
    adding = AddIndexBeside("upgraded", models.Index(fields=["a"], name="of_a"))
    after = before.clone()
    adding.state_forwards("conversations", after)

    def upgrade() -> None:
        with connection.schema_editor(atomic=False) as editor:
            adding.database_forwards("conversations", editor, before, after)

    try:
        for _ in ("was cut", "was there"):
            Meanwhile(upgrade).end()
        found = elsewhere.execute(
            "SELECT indisvalid FROM pg_index WHERE indexrelid = 'of_a'::regclass"
        )
        assert found.fetchall() == [(True,)]
    finally:
        elsewhere.execute("DROP TABLE conversations_upgraded")
        elsewhere.close()
