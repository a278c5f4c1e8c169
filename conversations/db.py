"""The one bridge from coroutines to the ORM, and the pool for the hot statements.

`sync_to_async` puts all calls of a process on one thread, or strands pooled connections: measured
in STACK-FACTS.md. Here a bounded pool of threads serves, and each call gives its connection back.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass
from functools import cache, partial, wraps
from importlib.util import find_spec
from pkgutil import iter_modules
from typing import Any, ParamSpec, TypeVar

import psycopg
from django.apps import apps
from django.db import (
    DatabaseError,
    IntegrityError,
    InterfaceError,
    OperationalError,
    connection,
    connections,
    transaction,
)
from django.utils import translation
from django.utils.translation import gettext_lazy as _
from psycopg import AsyncConnection
from psycopg.errors import DeadlockDetected, ForeignKeyViolation, RestrictViolation
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from conversations.errors import Conflict, Unavailable

P = ParamSpec("P")
T = TypeVar("T")

# Fewer than the connections of the pool (chatsite/databases.py): pages and programs find one too.
THREADS = 8
HOT_CONNECTIONS = 2
HOT_WAIT_SECONDS = 1.0
# A pool gives up a lost connection after so long and makes a new one when it is asked for one; by
# itself it would try again at intervals that double, up to minutes after Postgres is back.
RECONNECT_SECONDS = 1.0
# Two that wait for each other: Postgres ends one, which by then has the way to itself. And a legal hold that
# came after somebody had asked for it: who asks again finds it.
DONE_ANEW = (DeadlockDetected, RestrictViolation)
ATTEMPTS = 3
# How Django and the pool say that Postgres is away.
AWAY = (OperationalError, InterfaceError, PoolTimeout)
DATABASE_AWAY = _(
    "The database cannot be reached at the moment. Nothing was lost; try again shortly."
)

_threads = ThreadPoolExecutor(THREADS, thread_name_prefix="db")
_hot: AsyncConnectionPool[AsyncConnection[Any]] | None = None
_jobs: set[Future[Any]] = set()
_is_away = False


def away(is_away: bool) -> None:
    """Whether the heartbeat of this process gets through. While it does not, who asks is told so at
    once: threads that wait for a pool would soon be none left to say it."""
    global _is_away  # noqa: PLW0603
    _is_away = is_away
    for job in tuple(_jobs) if is_away else ():
        job.cancel()  # those that have not begun


def is_away() -> bool:
    return _is_away


async def renew() -> None:
    """After Postgres was away: lost connections go now, instead of each costing somebody a second."""
    away(False)
    ours: Any = getattr(connection, "pool", None)
    if ours is not None and not ours.closed:
        await asyncio.to_thread(ours.check)
    if _hot is not None:
        await _hot.check()


def in_db(work: Callable[P, T]) -> Callable[P, Awaitable[T]]:
    """`work` as a coroutine: one thread, one transaction. Raises Unavailable when Postgres is away."""

    @wraps(work)
    async def awaitable(*args: P.args, **kwargs: P.kwargs) -> T:
        if _is_away:
            raise Unavailable(DATABASE_AWAY)
        language = translation.get_language()
        # With the caller's context: a log in there says whom it is about (traced.py).
        speaking = partial(_speaking, language, work, *args, **kwargs)
        job = _threads.submit(copy_context().run, speaking)
        _jobs.add(job)
        job.add_done_callback(_jobs.discard)
        try:
            # A reader that leaves must not cut a transaction in half: it ends by itself.
            return await asyncio.shield(asyncio.wrap_future(job))
        except asyncio.CancelledError:
            if job.cancelled():  # by `away`: no thread had come free for it
                raise Unavailable(DATABASE_AWAY) from None
            raise

    return awaitable


def _speaking(language: str | None, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """What is said in there is said in the caller's language: Django's does not go to other threads."""
    with translation.override(language):
        return in_transaction(work, *args, **kwargs)


def in_transaction(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """`work` in one transaction on this thread, its connection given back after.

    Raises Conflict when something that it names was deleted meanwhile. After a deadlock it is done anew.
    """
    if _is_away:
        raise Unavailable(DATABASE_AWAY)
    try:
        return persistently(partial(work, *args, **kwargs))
    except AWAY as problem:
        raise Unavailable(DATABASE_AWAY) from problem
    except IntegrityError as problem:
        if isinstance(problem.__cause__, ForeignKeyViolation):
            raise Conflict from problem
        raise
    finally:
        connections.close_all()


def persistently(work: Callable[[], T]) -> T:
    """`work` in a transaction; anew after what another did at the same moment (DONE_ANEW), also as a part of
    a larger transaction."""
    for _attempt in range(ATTEMPTS - 1):
        try:
            with transaction.atomic():
                return work()
        except DatabaseError as problem:
            if not isinstance(problem.__cause__, DONE_ANEW):
                raise
    with transaction.atomic():
        return work()


def alone(lock: int) -> bool:
    """Whether nobody else is at it, and nobody will be until this transaction ends. Nobody waits for that."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [lock])
        return bool(cursor.fetchone()[0])


def give_back_connection() -> None:
    """Before long work outside Postgres: the thread's connection goes to others meanwhile.

    In a transaction it stays, because the transaction is more than the connection.
    """
    if not connection.in_atomic_block:
        connection.close()


@dataclass(frozen=True, slots=True)
class Pool:
    """How it stands with the connections of one of our pools."""

    size: int
    idle: int
    most: int
    waiting: int
    waited_seconds: float


def pools() -> dict[str, Pool]:
    """Of this process, by name."""
    orm: Any = getattr(connection, "pool", None)
    there = {"orm": orm, "hot": _hot}
    return {name: _state(pool.get_stats()) for name, pool in there.items() if pool is not None}


def _state(stats: Mapping[str, int]) -> Pool:
    """https://www.psycopg.org/psycopg3/docs/advanced/pool.html#pool-stats"""
    return Pool(
        size=stats["pool_size"],
        idle=stats["pool_available"],
        most=stats["pool_max"],
        waiting=stats.get("requests_waiting", 0),
        waited_seconds=stats.get("requests_wait_ms", 0) / 1000,
    )


def migrations_missing() -> int:
    """How many migrations are not applied, by their names. Raises Django's DatabaseError."""
    from django.db.migrations.recorder import MigrationRecorder  # few processes ask before a page

    return len(_migrations() - set(MigrationRecorder(connection).applied_migrations()))


@cache
def _migrations() -> frozenset[tuple[str, str]]:
    """Those that are installed, as (app, name). Django's loader imports each and draws a graph of them, at
    every `/readyz`: 5 ms, and memory that nobody gives back."""
    return frozenset(
        (app.label, module.name)
        for app in apps.get_app_configs()
        if (found := find_spec(f"{app.name}.migrations"))
        for module in iter_modules(found.submodule_search_locations)
        if module.name[0] not in "_~"
    )


def why_away() -> str | None:
    """In Postgres' own words, by a connection of its own: a pool only says that it has waited. None: it
    answers."""
    try:
        psycopg.connect(connection_string()).close()
    except psycopg.Error as problem:
        return first_line(problem)
    return None


def first_line(problem: Exception) -> str:
    """Without the full stop. The lines that follow quote statements, or say it again of each address."""
    return (str(problem).strip().splitlines() or [type(problem).__name__])[0].rstrip(".")


def connection_string() -> str:
    """What psycopg needs to open a connection of our own to the same database."""
    from psycopg.conninfo import make_conninfo

    params = connection.get_connection_params()
    for ours in ("pool", "cursor_factory", "context", "prepare_threshold"):
        params.pop(ours, None)
    return make_conninfo("", **{name: value for name, value in params.items() if value})


async def hot_pool() -> AsyncConnectionPool[AsyncConnection[Any]]:
    """psycopg's own pool for journal and heartbeat: no thread, no ORM, autocommit."""
    global _hot  # noqa: PLW0603 one pool a process
    if _hot is None:
        pool: AsyncConnectionPool[AsyncConnection[Any]] = AsyncConnectionPool(
            connection_string(),
            min_size=1,
            max_size=HOT_CONNECTIONS,
            timeout=HOT_WAIT_SECONDS,
            reconnect_timeout=RECONNECT_SECONDS,
            kwargs={"autocommit": True},
            check=AsyncConnectionPool.check_connection,
            open=False,
        )
        _hot = pool
        await pool.open()
    return _hot


async def close_hot_pool() -> None:
    global _hot
    if _hot is not None:
        pool, _hot = _hot, None
        await pool.close()
