"""All tables of ours, out of one snapshot and into another database, as Postgres writes and reads them.

Text of COPY means the same to every version of Postgres, and needs no program but the server itself.
"""

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from psycopg import Connection, sql

# A piece of a table in the archive, before it is packed.
PIECE_BYTES = 4 * 1024 * 1024
# Neither has anything that is not made anew: what was counted lately, and what `migrate` writes itself.
LEFT_OUT = {"chatsite_cache", "django_migrations"}

# The same text on every machine, whatever its postgresql.conf says.
SAME_EVERYWHERE = """
SET client_encoding = 'UTF8'; SET timezone = 'UTC'; SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres'; SET extra_float_digits = 1; SET bytea_output = 'hex';
SET statement_timeout = 0; SET lock_timeout = 0; SET idle_in_transaction_session_timeout = 0
"""
TABLES = """
SELECT relname FROM pg_class
WHERE relkind = 'r' AND relnamespace = current_schema()::regnamespace
  AND split_part(relname, '_', 1) = ANY(%s)
ORDER BY relname
"""
COLUMNS = """
SELECT attname FROM pg_attribute
WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = '' ORDER BY attnum
"""
SEQUENCES = """
SELECT sequencename, last_value FROM pg_sequences
WHERE schemaname = current_schema() AND last_value IS NOT NULL AND split_part(sequencename, '_', 1) = ANY(%s)
"""
REFERENCES = """
SELECT relname, conname, pg_get_constraintdef(c.oid) FROM pg_constraint c JOIN pg_class t ON t.oid = conrelid
WHERE contype = 'f' AND connamespace = current_schema()::regnamespace AND relname = ANY(%s)
"""

Postgres = Connection[tuple[Any, ...]]


def _apps() -> list[str]:
    """What names of tables begin with."""
    return ["django", *(app.label for app in apps.get_app_configs())]


def names(postgres: Postgres) -> list[str]:
    """Those of our apps; whoever shares the database with us keeps theirs."""
    rows = postgres.execute(TABLES, [_apps()])
    return [name for (name,) in rows if name not in LEFT_OUT]


def lock(postgres: Postgres, tables: list[str]) -> None:
    """Nobody changes their columns until the transaction ends. It has to come before the first look."""
    named = sql.SQL(", ").join(map(sql.Identifier, tables))
    postgres.execute(sql.SQL("LOCK TABLE {} IN ACCESS SHARE MODE").format(named))


def pieces(postgres: Postgres, table: str) -> Iterator[tuple[bytes, int]]:
    """The rows as text, some megabytes at a time, and how many they are."""
    statement = sql.SQL("COPY {} TO STDOUT").format(_with_columns(postgres, table))
    with postgres.cursor() as cursor, cursor.copy(statement) as copy:
        held, rows = bytearray(), 0
        for line in copy:
            held += line
            rows += 1
            if len(held) >= PIECE_BYTES:
                yield bytes(held), rows
                held, rows = bytearray(), 0
        yield bytes(held), rows


def sequences(postgres: Postgres) -> dict[str, int]:
    return dict(postgres.execute(SEQUENCES, [_apps()]).fetchall())


class Filling:
    """Tables of a migrated database are filled, in one transaction of the caller's: triggers and references
    sleep meanwhile, as what they would do has been done, and references are looked at in the end."""

    def __init__(self, postgres: Postgres) -> None:
        self.postgres = postgres
        self.tables = names(postgres)
        self.references = postgres.execute(REFERENCES, [self.tables]).fetchall()
        for table, name, _what in self.references:
            self._alter(table, sql.SQL("DROP CONSTRAINT {}").format(sql.Identifier(name)))
        for table in self.tables:
            self._alter(table, sql.SQL("DISABLE TRIGGER USER"))
            # Some have rows from migrations; those that refuse to lose any have none.
            postgres.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(table)))

    def fill(self, table: str, pieces: Iterator[bytes]) -> int:
        """How many rows it has got."""
        statement = sql.SQL("COPY {} FROM STDIN").format(_with_columns(self.postgres, table))
        with self.postgres.cursor() as cursor:
            with cursor.copy(statement) as copy:
                for piece in pieces:
                    copy.write(piece)
            return cursor.rowcount

    def finish(self, sequences: dict[str, int]) -> None:
        for name, value in sequences.items():
            self.postgres.execute("SELECT setval(%s::regclass, %s)", [name, value])
        for table in self.tables:
            self._alter(table, sql.SQL("ENABLE TRIGGER USER"))
        for table, name, what in self.references:
            adding = sql.SQL("ADD CONSTRAINT {} ").format(sql.Identifier(name))
            self._alter(table, adding + sql.SQL(what))

    def _alter(self, table: str, how: sql.Composable) -> None:
        self.postgres.execute(sql.SQL("ALTER TABLE {} ").format(sql.Identifier(table)) + how)


def wipe(postgres: Postgres) -> None:
    """Everything that our migrations have ever made in this schema goes."""
    tables = [name for (name,) in postgres.execute(TABLES, [[*_apps(), "chatsite"]])]
    for table in {*tables, *LEFT_OUT}:
        postgres.execute(sql.SQL("DROP TABLE IF EXISTS {} CASCADE").format(sql.Identifier(table)))
    functions = postgres.execute(
        "SELECT oid::regprocedure::text FROM pg_proc"
        " WHERE pronamespace = current_schema()::regnamespace AND starts_with(proname, 'chatsite_')"
    ).fetchall()
    for (function,) in functions:
        postgres.execute(sql.SQL("DROP FUNCTION IF EXISTS {} CASCADE").format(sql.SQL(function)))


def _with_columns(postgres: Postgres, table: str) -> sql.Composed:
    """What Postgres computes itself is not copied."""
    columns = [name for (name,) in postgres.execute(COLUMNS, [table])]
    named = sql.SQL(", ").join(map(sql.Identifier, columns))
    return sql.SQL("{} ({})").format(sql.Identifier(table), named)
