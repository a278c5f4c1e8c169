"""News between processes: one LISTEN connection a process, NOTIFY inside the transaction it tells of.

Postgres delivers a notification at commit or not at all, so nothing is announced that was not
kept. Payloads carry ids, never what somebody wrote: whoever hears one asks Postgres what is true.
Only why a retry waits is said with it, because no row has it.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import orjson
import psycopg
from django.db import connection

from conversations import db

log = logging.getLogger(__name__)

CHANNEL = "chatsite"
# How soon a process listens again after Postgres went away (ARCHITECTURE.md: recovery within 2 s).
AGAIN_SECONDS = 0.5
# A dead network path is noticed by a question, not by silence.
QUIET_SECONDS = 20.0

# Postgres refuses a payload of 8,000 bytes.
PAYLOAD_BYTES = 7_900

RING = "SELECT pg_notify(%(channel)s, unnest(%(news)s::text[]))"

News = dict[str, Any]
Hearer = Callable[[News], Awaitable[None]]

_listening = False


def ring(*news: Mapping[str, Any]) -> None:
    """Tell every process, this one too, when the current transaction commits."""
    with connection.cursor() as cursor:
        cursor.execute(RING, told(*news))


def told(*news: Mapping[str, Any]) -> dict[str, Any]:
    """The values of `RING`, for who sends it along with other statements."""
    return {"channel": CHANNEL, "news": [orjson.dumps(dict(one)).decode() for one in news]}


def is_listening() -> bool:
    return _listening


async def listen(hear: Hearer) -> None:
    """Hear every ring, for as long as the process lives; come back when Postgres does.

    After each (re)connection `hear` gets an empty dict: what was missed has to be looked up.
    """
    global _listening  # noqa: PLW0603 one doorbell a process
    is_news = True
    while True:
        try:
            await _listen_once(hear)
        except (psycopg.Error, OSError) as problem:
            if _listening or is_news:  # once an outage
                log.warning("doorbell: not listening (%s)", type(problem).__name__)
            is_news = False
        finally:
            _listening = False
        await asyncio.sleep(AGAIN_SECONDS)


async def _listen_once(hear: Hearer) -> None:
    global _listening  # noqa: PLW0603
    conninfo = db.connection_string()
    async with await psycopg.AsyncConnection.connect(conninfo, autocommit=True) as line:
        await line.execute(f"LISTEN {CHANNEL}")
        _listening = True
        await hear({})
        while True:
            async for notice in line.notifies(timeout=QUIET_SECONDS):
                await _heard(hear, notice.payload)
            await line.execute("SELECT 1")


async def _heard(hear: Hearer, payload: str) -> None:
    try:
        news = orjson.loads(payload)
    except orjson.JSONDecodeError:
        return
    if isinstance(news, dict):
        await hear(news)
