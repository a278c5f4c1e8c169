"""The rows of Postgres as the checker reads them: plain SQL, because the ORM is under test too."""

from typing import Any

import psycopg
from psycopg.rows import dict_row

from tests.server.chaos.history import Row, Stored

# What its owner has deleted is gone, though it can be taken back for a while.
THERE = (
    """conversation_id IN (SELECT id FROM conversations_conversation WHERE deleted_at IS NULL)"""
)
MESSAGES = f"""SELECT id::text, parent_id::text AS parent, role, text, reasoning, status, error_code
                 FROM conversations_message WHERE {THERE}"""
RUNS = f"""SELECT id::text, message_id::text AS message, status, finished_at, error_code, length
             FROM conversations_run WHERE {THERE}"""
# Without what was entered for a process that seemed dead and was taken back, and what takes it back.
CHARGES = """SELECT run::text, attempt FROM conversations_providercall AS made
             WHERE corrects IS NULL AND NOT (outcome = 'lost' AND EXISTS (
                 SELECT FROM conversations_providercall AS back WHERE back.corrects = made.id))"""
JOURNAL = "SELECT run_id::text AS id, count(*)::int AS rows FROM conversations_runevent GROUP BY 1"
LIVE = """SELECT count(*)::int AS live FROM conversations_run
           WHERE id = ANY(%s::uuid[]) AND status IN ('waiting', 'running')"""
# Who is at work or has forgotten a transaction, for longer than a look of the reaper takes.
BUSY = """SELECT left(query, 100) AS query, state FROM pg_stat_activity
           WHERE datname = current_database() AND pid <> pg_backend_pid() AND state <> 'idle'
              AND state_change < clock_timestamp() - interval '1 second'"""
SESSIONS = """SELECT count(*)::int AS sessions FROM pg_stat_activity
               WHERE datname = current_database() AND pid <> pg_backend_pid()"""


class Evidence:
    """A look into the database past the proxies; each look is a session of its own."""

    def __init__(self, url: str) -> None:
        self.url = url

    def rows(self, query: str, *values: Any) -> list[Row]:
        with psycopg.connect(self.url, row_factory=dict_row) as postgres:
            return postgres.execute(query.encode(), values or None).fetchall()

    def stored(self) -> Stored:
        return Stored(
            messages={row["id"]: row for row in self.rows(MESSAGES)},
            runs={row["id"]: row for row in self.rows(RUNS)},
            charges=self.rows(CHARGES),
            journal={row["id"]: row["rows"] for row in self.rows(JOURNAL)},
        )

    def live(self, runs: list[str]) -> int:
        """How many of these have not ended."""
        return int(self.rows(LIVE, runs)[0]["live"])

    def busy(self) -> list[str]:
        return [
            f"a session of Postgres is {row['state']}: {row['query']}" for row in self.rows(BUSY)
        ]

    def sessions(self) -> int:
        return int(self.rows(SESSIONS)[0]["sessions"])
