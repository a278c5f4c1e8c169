"""The journal of answers that stream: written for all runs of a process at once, read to resume.

Everything here raises Unavailable when Postgres is away.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID

import orjson
import psycopg
from psycopg import AsyncConnection
from psycopg_pool import PoolTimeout

from conversations.db import DATABASE_AWAY, hot_pool
from conversations.errors import Unavailable
from conversations.events.doorbell import CHANNEL, PAYLOAD_BYTES

# A run that has ended meanwhile (deleted, reaped) takes nothing more. The lock makes whoever seals it
# wait for us, or us for them: no piece is written between their reading and their deleting.
WRITE = """
WITH piece AS (
    SELECT * FROM unnest(%s::uuid[], %s::text[], %s::int[], %s::text[]) AS piece (run, kind, at, text)
), ours AS (
    SELECT id FROM conversations_run
     WHERE id IN (SELECT run FROM piece) AND status = 'running' AND boot = %s FOR SHARE
), kept AS (
    INSERT INTO conversations_runevent (run_id, kind, at, text)
    SELECT piece.* FROM piece JOIN ours ON ours.id = piece.run
)
SELECT (SELECT array_agg(id) FROM ours), pg_notify(%s, %s)
"""
# How the runs in `held` stand, and what they wrote after the place up to which somebody holds them.
READ = """
SELECT run.id, run.status, piece.kind, piece.at, piece.text
  FROM unnest(%s::uuid[], %s::int[], %s::int[]) AS held (run, text, reasoning)
  JOIN conversations_run run ON run.id = held.run AND run.status IN ('waiting', 'running')
  LEFT JOIN conversations_runevent piece ON piece.run_id = run.id
       AND piece.at >= CASE piece.kind WHEN 't' THEN held.text ELSE held.reasoning END
 ORDER BY piece.run_id, piece.kind, piece.at, piece.id
"""
OURS = """
SELECT id FROM conversations_run WHERE id = ANY(%s::uuid[]) AND status = 'running' AND boot = %s
"""
BEAT = """
INSERT INTO conversations_boot (id, host, pid, works, started_at, beat_at)
VALUES (%s, %s, %s, %s, now(), now()) ON CONFLICT (id) DO UPDATE SET beat_at = now()
"""
RING = "SELECT pg_notify(%s, %s)"


@dataclass(slots=True)
class Entry:
    run: str
    kind: str
    at: int
    text: str


class Place(NamedTuple):
    """How far somebody holds a run."""

    run: UUID
    text: int
    reasoning: int


class Found(NamedTuple):
    """A piece of a run that is live; without one, `kind` is None."""

    run: UUID
    status: str
    kind: str | None
    at: int
    text: str


async def write(entries: list[Entry], boot: str) -> set[str]:
    """One statement for all entries, one notification; the runs among them that are `boot`'s still."""
    columns: list[list[Any]] = [
        [entry.run for entry in entries],
        [entry.kind for entry in entries],
        [entry.at for entry in entries],
        [entry.text for entry in entries],
    ]
    news = _news({entry.run for entry in entries}, boot)
    rows = await _execute(WRITE, [*columns, boot, CHANNEL, news])
    return {str(id) for id in rows[0][0] or ()}


def _news(runs: set[str], boot: str) -> str:
    """Which runs have grown; too many to be named are all."""
    said = orjson.dumps({"grew": sorted(runs), "by": boot})
    return (said if len(said) < PAYLOAD_BYTES else orjson.dumps({"grew": [], "by": boot})).decode()


async def read(places: Sequence[Place]) -> list[Found]:
    """What was written after each place, in order. A run that is not among the rows has ended."""
    columns = [list(column) for column in zip(*places, strict=True)]
    return [Found(*row) for row in await _execute(READ, columns)]


async def ours(runs: Sequence[str], boot: str) -> set[str]:
    """Those of `runs` that `boot` still executes."""
    return {str(row[0]) for row in await _execute(OURS, [list(runs), boot])}


async def beat(boot: str, host: str, pid: int, works: bool) -> None:
    """The sign that this process lives. `works`: it takes runs that wait for a worker."""
    await _execute(BEAT, [boot, host, pid, works])


async def ring(news: dict[str, Any]) -> None:
    """As `doorbell.ring`, outside of any transaction and without a thread."""
    await _execute(RING, [CHANNEL, orjson.dumps(news).decode()])


async def _execute(statement: str, parameters: list[Any]) -> list[Any]:
    connection: AsyncConnection[Any]
    try:
        async with (await hot_pool()).connection() as connection:
            cursor = await connection.execute(statement.encode(), parameters)
            return await cursor.fetchall() if cursor.description else []
    except (psycopg.Error, PoolTimeout, OSError) as problem:
        raise Unavailable(DATABASE_AWAY) from problem
