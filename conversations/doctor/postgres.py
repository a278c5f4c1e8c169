"""Postgres, and the processes that work on it."""

import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import psycopg
from django.conf import settings
from django.db import connection
from django.db.models import QuerySet
from django.db.models.functions import Now
from django.utils import timezone

from chatsite.databases import FIRST_POSTGRES, POOL_SIZE
from conversations import db
from conversations.db import HOT_CONNECTIONS
from conversations.doctor.finding import Finding, mind, ok, unknown, wrong
from conversations.models import Boot
from conversations.runs.reaper import DEAD_SECONDS, workers_alive

LONG = timedelta(minutes=5)
SKEW_SECONDS = 2.0
# And one for the doorbell.
A_PROCESS = POOL_SIZE + HOT_CONNECTIONS + 1
RING_SECONDS = 3.0
# Of the connections that Postgres has to give.
NEARLY_ALL = 0.9
# Without these what was said could be changed unseen, or would not be counted.
TRIGGERS = {
    ("conversations_auditentry", "audit_rows_stay"),
    ("conversations_auditentry", "audit_stays"),
    ("conversations_providercall", "ledger_rows_stay"),
    ("conversations_providercall", "ledger_stays"),
    ("conversations_providercall", "calls_are_counted"),
    ("conversations_providercall", "call_is_uncounted"),
    ("conversations_dailyuse", "personday_follows_insert"),
    ("conversations_dailyuse", "personday_follows_update"),
    ("conversations_dailyuse", "purposeday_follows_insert"),
    ("conversations_dailyuse", "purposeday_follows_update"),
    ("conversations_monthlyuse", "personmonth_follows_insert"),
    ("conversations_monthlyuse", "personmonth_follows_update"),
}
IN_FORCE = """
SELECT relname, tgname FROM pg_trigger JOIN pg_class c ON c.oid = tgrelid
WHERE relnamespace = current_schema()::regnamespace AND NOT tgisinternal AND tgenabled IN ('O', 'A')
"""
LONG_ONES = """
SELECT pid, state, extract(epoch FROM clock_timestamp() - xact_start)::int FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND clock_timestamp() - xact_start > %s
ORDER BY xact_start
"""
CONNECTIONS = """
SELECT (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'),
  current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int
"""


def server() -> Iterator[Finding]:
    ((number, version, size, name),) = _rows(
        "SELECT current_setting('server_version_num')::int, current_setting('server_version'),"
        " pg_size_pretty(pg_database_size(current_database())), current_database()"
    )
    said = f"Postgres {version}; the database {name} takes {size}."
    if number < FIRST_POSTGRES:
        do = "Move to Postgres 15 or newer: docs/deploy.md, “Another version of Postgres”."
        yield wrong("postgres", said, why="Statements of ours need 15.", do=do)
    else:
        yield ok("postgres", said)


def extensions() -> Iterator[Finding]:
    if not _rows("SELECT 1 FROM pg_extension WHERE extname = 'pg_trgm'"):
        why = "Search of parts of words needs it."
        do = "As a superuser of Postgres in this database: CREATE EXTENSION pg_trgm;"
        yield wrong("extensions", "The extension pg_trgm is missing.", why=why, do=do)
    else:
        yield ok("extensions", "The extensions that are needed are there.")


def role(*, embedded: bool) -> Iterator[Finding]:
    ((name, is_superuser),) = _rows(
        "SELECT current_user, (SELECT rolsuper FROM pg_roles WHERE rolname = current_user)"
    )
    if is_superuser and not embedded:
        why = (
            "Whoever finds a way to make the site run a statement of theirs owns the whole server."
        )
        do = "Give the site a role of its own that is none: docs/operations.md, “The audit”."
        yield mind("role", f"The site's role {name} is a superuser of Postgres.", why=why, do=do)
    else:
        yield ok("role", f"The site works as {name}.")


def migrations() -> Iterator[Finding]:
    if missing := db.migrations_missing():
        why = "The site looks for tables and columns that are not there."
        said = f"{missing} migrations are not applied."
        yield wrong("migrations", said, why=why, do="Run `manage.py migrate`.")
    else:
        yield ok("migrations", "All migrations are applied.")


def triggers() -> Iterator[Finding]:
    missing = sorted(f"{table}.{name}" for table, name in TRIGGERS - set(_rows(IN_FORCE)))
    if missing:
        why = "They refuse every change of the audit and the ledger, and budgets count by them."
        do = (
            "Find out who took them away; then ALTER TABLE … ENABLE TRIGGER …, or restore a backup."
        )
        said = f"Triggers are not in force: {', '.join(missing)}."
        yield wrong("triggers", said, why=why, do=do)
    else:
        yield ok("triggers", "Postgres refuses every change of the audit and of the ledger.")


def connections() -> Iterator[Finding]:
    processes = _boots().count()
    ((used, most),) = _rows(CONNECTIONS)
    needed = max(processes, 1) * A_PROCESS
    said = f"{used} of {most} connections are used; {processes} processes may want {needed}."
    if needed > most or used > most * NEARLY_ALL:
        why = "Who finds none waits, and after three seconds reads that the database is away."
        do = "Raise max_connections in postgresql.conf, or run fewer processes."
        yield wrong("connections", said, why=why, do=do)
    else:
        yield ok("connections", said)


def transactions() -> Iterator[Finding]:
    long = _rows(LONG_ONES, [LONG])
    for pid, state, seconds in long:
        why = "It holds locks, and nothing that was deleted since can be cleared away."
        do = f"See what it does in pg_stat_activity; SELECT pg_terminate_backend({pid}) ends it."
        said = f"Process {pid} of Postgres has been in a transaction for {seconds} s ({state})."
        yield mind("transactions", said, why=why, do=do)
    if not long:
        yield ok("transactions", "No transaction is older than five minutes.")


def clock() -> Iterator[Finding]:
    before = time.time()
    ((theirs,),) = _rows("SELECT extract(epoch FROM clock_timestamp())::float8")
    skew = theirs - (before + time.time()) / 2
    if abs(skew) > SKEW_SECONDS:
        why = "Links expire early or late, and minutes of rate limits are of another length."
        do = "Let both machines keep time by NTP."
        said = f"This machine's clock and that of Postgres are {abs(skew):.1f} s apart."
        yield wrong("clock", said, why=why, do=do)
    else:
        yield ok("clock", "This machine and Postgres agree on the time.")


def doorbell() -> Iterator[Finding]:
    """By a channel of our own: a ring of the site's would be heard by its processes."""
    channel = f"doctor_{uuid4().hex}"
    with psycopg.connect(db.connection_string(), autocommit=True) as line:
        line.execute(f"LISTEN {channel}".encode())
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_notify(%s, '')", [channel])
        heard = list(line.notifies(timeout=RING_SECONDS, stop_after=1))
    if heard:
        yield ok("doorbell", "What one connection rings another one hears.")
    else:
        why = (
            "Processes do not hear of each other: stops, news of other tabs, changes in the admin."
        )
        do = "Connect to Postgres itself, not through a pooler in transaction mode such as PgBouncer."
        yield wrong("doorbell", "NOTIFY does not arrive.", why=why, do=do)


def processes() -> Iterator[Finding]:
    boots = list(_boots().order_by("started_at"))
    for boot in boots:
        kind = "worker" if boot.works and settings.RUNS == "workers" else "process"
        since = timezone.localtime(boot.started_at).strftime("%Y-%m-%d %H:%M")
        yield ok("processes", f"The {kind} {boot} lives, since {since} UTC.")
    if not boots:
        yield unknown("processes", "No process of the site is running on this database.")
    elif settings.RUNS == "workers" and not workers_alive():
        why = "Questions wait, and nobody answers them."
        do = "Start `manage.py run_worker`."
        yield wrong("workers", "CHATSITE_RUNS is workers, and none lives.", why=why, do=do)


def _boots() -> QuerySet[Boot]:
    return Boot.objects.filter(beat_at__gt=Now() - timedelta(seconds=DEAD_SECONDS))


def _rows(statement: str, values: list[Any] | None = None) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall())
