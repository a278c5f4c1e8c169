"""Adding the ledger up (models/rollups.py), a bit at a time or all of it anew.

One statement takes notes away and adds what they stand for: it sees one moment of the ledger and of the
notes, so a call is either noted or counted, never both and never neither, whatever is entered meanwhile
and wherever this dies. A person's whole days and months, and their days by purpose, follow by
triggers of Postgres (migrations 0048 and 0053).
"""

from typing import Any

from django.db import connection

from conversations.db import alone
from conversations.models import DailyUse, MonthlyUse, PersonDay, PersonMonth, PurposeDay, SiteUse
from conversations.models.rollups import SUMS

# A transaction adds so many calls at most: half a second, in which a row of the sums is held.
AT_ONCE = 20_000
# Who adds up does so alone; two would wait for each other's rows.
LOCK = 0x63686174_726F6C6C  # "chatroll"

KEYS = ("day", "provider", "model", "purpose")
OF_PERSON = ("day", "user_id", *KEYS[1:])
MONTH = "date_trunc('month', day)::date"


def count_some(most: int | None = None) -> bool:
    """Whether there may be more. The caller holds a transaction."""
    most = most or AT_ONCE
    return alone(LOCK) and _run(_statement(SOME), [most]) == most


def count_again() -> int:
    """All sums anew. Who reads meanwhile reads the old ones. How many rows there were."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
    for table in (DailyUse, MonthlyUse, SiteUse, PersonDay, PersonMonth, PurposeDay):
        table.objects.all().delete()
    return _run(_statement(ALL), [])


def _run(statement: str, values: list[Any]) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return int(cursor.fetchone()[0])


# What to add: of the calls that are noted, so many; or all there are, and then none is noted any more.
SOME = """
taken AS (
  DELETE FROM conversations_uncounted
   WHERE call IN (SELECT call FROM conversations_uncounted LIMIT %s) RETURNING call),
added AS (SELECT use.* FROM conversations_calluse use JOIN taken ON taken.call = use.id)"""
ALL = """
taken AS (DELETE FROM conversations_uncounted),
added AS (SELECT * FROM conversations_calluse)"""


def _statement(calls: str) -> str:
    keys, sums = ", ".join(OF_PERSON), ", ".join(f"sum({name}) AS {name}" for name in SUMS)
    return f"""
WITH {calls},
use AS MATERIALIZED (SELECT {keys}, {sums}, count(*) AS rows FROM added GROUP BY {keys}),
days AS ({_adding(DailyUse, OF_PERSON)}),
months AS ({_adding(MonthlyUse, OF_PERSON, MONTH)}),
site AS ({_adding(SiteUse, KEYS)})
SELECT coalesce(sum(rows), 0) FROM use"""  # noqa: S608 names of ours alone


def _adding(table: Any, keys: tuple[str, ...], day: str = "day") -> str:
    """What was just added up, onto the rows of one of the sums. In the order of days: so they lie together
    on the disk, also when all is made anew, and a month is read without the rest of the year."""
    into, sums = ", ".join((*keys, *SUMS)), ", ".join(f"sum({name})" for name in SUMS)
    grouped = ", ".join((day, *keys[1:]))
    onto = ", ".join(f"{name} = so_far.{name} + excluded.{name}" for name in SUMS)
    return f"""
INSERT INTO {table._meta.db_table} AS so_far ({into})
SELECT {grouped}, {sums} FROM use GROUP BY {grouped} ORDER BY {grouped}
ON CONFLICT ({", ".join(keys)}) DO UPDATE SET {onto}"""  # noqa: S608 names of ours alone
