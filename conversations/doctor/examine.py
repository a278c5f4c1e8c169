"""All that is looked at, in the order in which it is told."""

from collections.abc import Callable, Iterable, Iterator
from functools import partial

from conversations import db
from conversations.doctor import machine, postgres, site
from conversations.doctor.finding import Finding, ok, unknown, wrong

Look = Callable[[], Iterable[Finding]]

AWAY = "Postgres cannot be reached: {problem}."
AWAY_WHY = "Nothing works without it."
# By what Postgres says, which may be in another language: then it is what fits the most.
AWAY_DO = {
    "password authentication": "Look at the name and the password in DATABASE_URL.",
    "pg_hba.conf": "Let this machine in by a line of pg_hba.conf, and have Postgres read it again.",
    "does not exist": "Make it (CREATE ROLE … LOGIN; CREATE DATABASE … OWNER …), or look at DATABASE_URL.",
    "connection slots": "Run fewer processes, or raise max_connections in postgresql.conf.",
    "too many clients": "Run fewer processes, or raise max_connections in postgresql.conf.",
    "starting up": "Wait: it is on its way.",
    "resolve host": "Look at the host in DATABASE_URL: nobody knows that name.",
    "": "Start it, and look at DATABASE_URL and at whether this machine may connect there.",
}
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
    pending = list(_told(postgres.migrations))
    yield from pending
    for look in _of_postgres(embedded=embedded):
        yield from _told(look)
    # Tables that are not there as this version has them cannot be asked.
    for look in _of_the_tables(offline=offline) if pending[0].state == "ok" else ():
        yield from _told(look)


def _of_the_machine(*, offline: bool) -> list[Look]:
    always: list[Look] = [
        *(machine.python, machine.checks, machine.debug, machine.address, machine.secret_key),
        *(machine.static, machine.disk, machine.open_files),
    ]
    return [*always, partial(machine.mail, offline=offline)]


def _of_postgres(*, embedded: bool) -> list[Look]:
    return [
        *(postgres.server, partial(postgres.role, embedded=embedded)),
        *(postgres.transactions, postgres.clock, postgres.doorbell),
    ]


def _of_the_tables(*, offline: bool) -> list[Look]:
    always: list[Look] = [
        *(postgres.extensions, postgres.triggers, postgres.connections, postgres.processes),
        *(site.models, site.left_alone, site.prices, site.budgets),
        *(site.sign_up, site.staff, site.files),
    ]
    return always if offline else [*always, site.providers]


def _away(*, embedded: bool) -> Finding | None:
    said = db.why_away()
    if said is None:
        return None
    if embedded:
        return wrong("database", STOPPED, why=AWAY_WHY, do=STOPPED_DO)
    do = next(do for words, do in AWAY_DO.items() if words in said)
    return wrong("database", AWAY.format(problem=said), why=AWAY_WHY, do=do)


def _told(look: Look) -> Iterator[Finding]:
    name = getattr(look, "func", look).__name__.replace("_", " ")
    try:
        yield from look()
    except Exception as problem:  # noqa: BLE001 whatever it is: the next look may find out why
        yield unknown(name, NOT_LOOKED.format(problem=db.first_line(problem)))
