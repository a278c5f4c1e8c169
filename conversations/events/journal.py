"""The journal of answers that stream: written for all runs of a process at once, read to resume."""

from dataclasses import dataclass
from typing import Any

from psycopg import AsyncConnection

from conversations.db import hot_pool


@dataclass(slots=True)
class Entry:
    run: str
    kind: str
    at: int
    text: str


# A run that has ended meanwhile (deleted, reaped) takes nothing more.
WRITE = """
INSERT INTO conversations_runevent (run_id, kind, at, text)
SELECT piece.* FROM unnest(%s::uuid[], %s::text[], %s::int[], %s::text[]) AS piece (run, kind, at, text)
 WHERE EXISTS (SELECT FROM conversations_run WHERE id = piece.run AND status = 'running')
"""
BEAT = """
INSERT INTO conversations_boot (id, host, pid, started_at, beat_at)
VALUES (%s, %s, %s, now(), now()) ON CONFLICT (id) DO UPDATE SET beat_at = now()
"""


async def write(entries: list[Entry]) -> None:
    """One statement for all entries. Raises psycopg's errors when Postgres is away."""
    columns: list[list[Any]] = [
        [entry.run for entry in entries],
        [entry.kind for entry in entries],
        [entry.at for entry in entries],
        [entry.text for entry in entries],
    ]
    await _execute(WRITE, columns)


async def beat(boot: str, host: str, pid: int) -> None:
    """The sign that this process lives."""
    await _execute(BEAT, [boot, host, pid])


async def _execute(statement: str, parameters: list[Any]) -> None:
    pool = await hot_pool()
    connection: AsyncConnection[Any]
    async with pool.connection() as connection:
        await connection.execute(statement.encode(), parameters)
