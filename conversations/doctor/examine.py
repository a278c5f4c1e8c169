"""All that is looked at, in the order in which it is told."""

import logging
from collections.abc import Callable, Iterable, Iterator
from functools import partial

from django.db import DatabaseError, connection
from psycopg_pool import PoolTimeout

from conversations.doctor import machine, postgres, site
from conversations.doctor.finding import Finding, ok, unknown, wrong
from conversations.errors import Unavailable

log = logging.getLogger(__name__)

Look = Callable[[], Iterable[Finding]]

AWAY = "Postgres cannot be reached: {problem}."
AWAY_WHY = "Nothing works without it."
AWAY_DO = "Start it, and look at DATABASE_URL and at whether this machine may connect there."
STOPPED = "The embedded Postgres does not run: the site is stopped."
STOPPED_DO = "Start it with `make run`, and ask again."
NOT_LOOKED = "It could not be looked at ({problem})."


def all_of_it(*, offline: bool, embedded: bool) -> Iterator[Finding]:
    """One after the other, as they are found. Where one look fails the others go on."""
    for look in _of_the_machine(offline=offline):
        yield from _told(look)
    away = _away(embedded=embedded)
    yield away or ok("database", "Postgres answers.")
    if away:
        return
    pending = list(postgres.migrations())
    yield from pending
    for look in _of_postgres(embedded=embedded):
        yield from _told(look)
    # Tables that are not there as this version has them cannot be asked.
    for look in _of_the_site(offline=offline) if pending[0].state == "ok" else ():
        yield from _told(look)


def _of_the_machine(*, offline: bool) -> list[Look]:
    always: list[Look] = [
        *(machine.python, machine.checks, machine.debug, machine.address, machine.secret_key),
        *(machine.static, machine.disk, machine.open_files),
    ]
    return [*always, partial(machine.mail, offline=offline)]


def _of_postgres(*, embedded: bool) -> list[Look]:
    return [
        *(postgres.server, postgres.extensions, partial(postgres.role, embedded=embedded)),
        *(postgres.triggers, postgres.connections, postgres.transactions, postgres.clock),
        *(postgres.doorbell, postgres.processes),
    ]


def _of_the_site(*, offline: bool) -> list[Look]:
    always: list[Look] = [
        *(site.models, site.left_alone, site.prices, site.budgets),
        *(site.sign_up, site.staff, site.files),
    ]
    return always if offline else [*always, site.providers]


def _away(*, embedded: bool) -> Finding | None:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except (DatabaseError, PoolTimeout) as problem:
        if embedded:
            return wrong("database", STOPPED, why=AWAY_WHY, do=STOPPED_DO)
        said = AWAY.format(problem=_first_line(problem))
        return wrong("database", said, why=AWAY_WHY, do=AWAY_DO)
    return None


def _told(look: Look) -> Iterator[Finding]:
    name = getattr(look, "func", look).__name__.replace("_", " ")
    try:
        yield from look()
    except (DatabaseError, PoolTimeout, Unavailable, OSError) as problem:
        yield unknown(name, NOT_LOOKED.format(problem=_first_line(problem)))


def _first_line(problem: Exception) -> str:
    return (str(problem).strip().splitlines() or [type(problem).__name__])[0].rstrip(".")
