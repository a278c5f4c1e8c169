"""Rows that tests committed and left in a database that all tests of their process share.

They come in any order: what one leaves, another meets, once in ten runs. In the database of pytest-django
most are rolled back; who commits takes away again what it wrote, and what triggers noted of it. In that of
the server people stay, with all that is theirs: nobody else meets it. What holds for everybody is put back.
"""

import psycopg
from django.db import connection
from django.db.models import Model

from conversations.models import Moderation, SiteSettings

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


# What the server has for everybody, and what is somebody's there for as long as a test needs it.
FOR_ALL = {
    "auth_group": "true",
    "auth_group_permissions": "true",
    "conversations_blockedpicture": "true",
    "conversations_budget": "true",
    "conversations_circuit": "opened_at IS NOT NULL",
    "conversations_invitation": "used_at IS NULL",
    "conversations_languagemodel": "true",
    "conversations_languagemodel_groups": "true",
    "conversations_moderation": "true",
    "conversations_oversight": "true",
    "conversations_pattern": "true",
    "conversations_picturequestion": "true",
    "conversations_price": "true",
    "conversations_provider": "true",
    "conversations_ratelimit": "true",
    "conversations_retentionrule": "true",
    "conversations_savedprompt": "owner_id IS NULL",
    "conversations_sitesettings": "true",
}
OF_ONE_ROW: tuple[type[Model], ...] = (SiteSettings, Moderation)


class Standing:
    """What the server of these tests says to everybody, as it was when its database was made."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.known = self._rows()

    def as_before(self, where: str) -> None:
        """But the red one only: what it has left is not held against the next."""
        before, self.known = self.known, self._rows()
        told = [f"- {row[:200]}" for row in sorted(before - self.known)]
        told += [f"+ {row[:200]}" for row in sorted(self.known - before)]
        assert not told, "\n".join([f"{where} has changed for all tests of the server:", *told])

    def _rows(self) -> set[str]:
        asked = [
            f"SELECT '{table}', row::text, to_jsonb(row) FROM \"{table}\" row WHERE {which}"
            for table, which in FOR_ALL.items()
        ]
        # By a connection of its own: some tests end all that there are.
        with psycopg.connect(self.url) as postgres:
            found = postgres.execute(" UNION ALL ".join(asked).encode()).fetchall()
        untouched = {table._meta.db_table: _untouched(table) for table in OF_ONE_ROW}
        return {f"{table} {text}" for table, text, row in found if row != untouched.get(table)}


def _untouched(table: type[Model]) -> dict[str, object]:
    """The row in which nothing is settled yet: whoever comes to its page first makes it."""
    fields = table._meta.concrete_fields
    return {str(field.column): 1 if field.primary_key else field.get_default() for field in fields}
