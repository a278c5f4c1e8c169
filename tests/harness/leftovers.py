"""Rows that tests committed and left in the database of pytest-django.

All tests of a process share it and come in any order: what one leaves, another meets, once in ten runs. Most
are rolled back; who commits takes away again what it wrote, and what triggers noted of it.
"""

import psycopg
from django.db import connection

# Entries of the audit can never be deleted: tests count from those that they find.
FOR_EVER = "conversations_auditentry"
WHERE = ("user", "password", "host", "port")
TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> %s"


class Watch:
    """By a connection of its own, which it keeps: what is about to be rolled back does not count."""

    def __init__(self) -> None:
        options = connection.get_connection_params()
        place = {key: options[key] for key in WHERE if key in options}
        name = str(connection.settings_dict["NAME"])
        self.postgres = psycopg.connect(dbname=name, autocommit=True, **place)
        self.known = self._rows()

    def nothing_left(self, where: str) -> None:
        before, self.known = self.known, self._rows()
        changed = self.known.items() - before.items()
        told = ", ".join(f"{table} {before.get(table)} → {count}" for table, count in changed)
        assert not told, f"{where} left rows in the database that all tests share: {told}"

    def _rows(self) -> dict[str, int]:
        """How many there are of each kind for whoever comes."""
        tables = [table for (table,) in self.postgres.execute(TABLES, [FOR_EVER])]
        counts = [f"SELECT '{table}', count(*) FROM \"{table}\"" for table in tables]
        return dict(self.postgres.execute(" UNION ALL ".join(counts).encode()).fetchall())
