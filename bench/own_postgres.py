"""A Postgres of a benchmark's own under var/, made once and used again; and Django on it."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from bench import own_django
from bench.processes import ROOT
from chatsite.embedded.postgres import Postgres


@contextmanager
def database(name: str) -> Iterator[str]:
    """The one of DATABASE_URL, or that of this name in a Postgres of our own."""
    if url := os.environ.get("DATABASE_URL"):
        yield url
        return
    postgres = Postgres(ROOT / "var" / f"bench-{name}")
    try:
        postgres.start()
        url = f"postgresql://postgres@/{name}?host={postgres.place.sockets}"
        with psycopg.connect(url.replace(f"/{name}?", "/postgres?"), autocommit=True) as admin:
            found = admin.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
            if not found.fetchone():
                admin.execute(
                    psycopg.sql.SQL("CREATE DATABASE {}").format(psycopg.sql.Identifier(name))
                )
        yield url
    finally:
        postgres.stop()


def set_up(url: str) -> None:
    """Django, in this process, on the database there as it is to be."""
    os.environ["DATABASE_URL"] = url
    own_django.set_up()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
