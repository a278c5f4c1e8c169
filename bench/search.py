"""`python -m bench.search`: how long search takes at a million messages, a hundred thousand of them hers.

The library is built once (ten minutes or so) in a Postgres of its own under var/, and used again. With
MESSAGES=… it is smaller. A kind of search whose slowest twentieth takes longer than GOAL_MS has its slowest
statement explained.
"""

import os
import sys
import time
from pathlib import Path
from statistics import median, quantiles
from typing import Any
from uuid import UUID

import psycopg

from bench.library import MESSAGES, Library, fill
from bench.own_postgres import database, set_up

GOAL_MS = 100
ROUNDS = 5
SEALS = 300
SAID_FOR_SEALS = 2_000  # characters of an answer

Statement = tuple[float, str, Any]  # milliseconds, and what took them


def kinds(library: Library) -> dict[str, list[str]]:
    """What is typed, by kind. Words come most common first."""
    words = library.words
    often, seldom = (
        [words[n] for n in (0, 1, 3, 7, 15)],
        [words[n] for n in (9_000, 20_000, 39_000)],
    )
    return {
        "a rare word": ["zirconium", "teapot", *seldom],
        "a very common word": often,
        "a common and a rare one": [f"{often[0]} zirconium", f"{often[1]} {seldom[0]}"],
        "two common ones": [f"{often[0]} {often[3]}", f"{often[1]} {often[2]}"],
        "a phrase": ['"quarterly harbour report"', '"zirconium teapot"'],
        "a phrase of common words": [f'"{often[0]} {often[1]}"', f'"{often[3]} {often[2]}"'],
        "the beginning of a word": ["zir", "umwelt", "quart", often[0][:3], seldom[1][:2]],
        "a part of a word": ["vertraglichkeit", "irconi", "tree_visitor", "arbou"],
        "a part of many words": [words[5_000][1:4], "oru", "ima"],
        "another script": ["東京", "天気"],
        "nothing is found": ["xqxqxq", "zirconium xqxqxq", '"teapot zirconium"', "zirkonnium"],
        "signs only": ["%", "++", "->"],
        "a filter": [
            f"model:mini {often[0]}", "model:o3 zirconium", "has:image", f"has:code {often[0]}",
            f"before:2024-06 {often[1]}", f"after:2026-09 {seldom[0]}", f"in:title {often[2]}",
            "in:archive teapot", f"{often[0]} -{often[1]}",
        ],
    }  # fmt: skip


def reader(url: str, messages: int) -> UUID:
    """Whose search is measured; the library is filled if it is empty."""
    from conversations.models import User

    known = User.objects.filter(username="reader0").first()
    if known is None:
        print(f"Writing {messages:,} messages …", file=sys.stderr)
        return fill(url, messages)
    return known.pk


def at_work(process: int) -> float:
    """Milliseconds that a process has had a core: where others are busy, the clock says more."""
    return int(Path(f"/proc/{process}/schedstat").read_text().split()[0]) / 1e6


def measured(owner: UUID, typed: list[str]) -> tuple[list[float], list[float], Statement]:
    """Milliseconds of each search by the clock and of work, Postgres' and ours; the slowest statement."""
    from django.db import connection

    from conversations.db import in_transaction
    from conversations.models import User
    from conversations.reading.search import search

    user = User.objects.get(pk=owner)
    backends: dict[int, float] = {}
    slowest: Statement = (0.0, "", None)

    def watch(execute: Any, sql: str, values: Any, many: bool, context: Any) -> Any:
        nonlocal slowest
        backend = connection.connection.info.backend_pid
        backends.setdefault(backend, at_work(backend))
        began = time.perf_counter()
        try:
            return execute(sql, values, many, context)
        finally:
            took = (time.perf_counter() - began) * 1000
            if took > slowest[0] and sql.lstrip().startswith("SELECT"):
                slowest = took, sql, values

    times, works = [], []
    with connection.execute_wrapper(watch):
        for words in typed * ROUNDS:
            backends.clear()
            began, worked = time.perf_counter(), time.process_time()
            in_transaction(search, user, words)
            times.append((time.perf_counter() - began) * 1000)
            theirs = sum(at_work(backend) - before for backend, before in backends.items())
            works.append(theirs + (time.process_time() - worked) * 1000)
    return times, works, slowest


def sealing(url: str) -> tuple[float, float]:
    """Milliseconds to write an answer of 2,000 characters: with search, and without."""
    with psycopg.connect(url) as postgres:
        found = postgres.execute(
            "SELECT id FROM conversations_message LIMIT %s", [SEALS]
        ).fetchall()
        text = ("so many words of an answer that is sealed now " * 50)[:SAID_FOR_SEALS]
        times = []
        for role in ("origin", "replica"):
            postgres.execute(f"SET session_replication_role = {role}".encode())
            began = time.perf_counter()
            for number, (id,) in enumerate(found):
                said = f"{text} {role} {number}"
                postgres.execute(
                    "UPDATE conversations_message SET text = %s WHERE id = %s", [said, id]
                )
            times.append((time.perf_counter() - began) * 1000 / len(found))
        postgres.rollback()
    return times[0], times[1]


def main() -> int:
    messages = int(os.environ.get("MESSAGES", MESSAGES))
    slow = 0
    with database("library") as url:
        set_up(url)
        owner, library = reader(url, messages), Library(messages)
        print("| search | median ms | 95 % within | of work, at most | met |")
        print("| --- | --- | --- | --- | --- |")
        for kind, typed in kinds(library).items():
            times, works, slowest = measured(owner, typed)
            within = quantiles(times, n=20)[-1]
            met = within <= GOAL_MS
            cells = (
                f"{median(times):.0f}",
                f"{within:.0f}",
                f"{max(works):.0f}",
                "yes" if met else "NO",
            )
            print("|", " | ".join([kind, *cells]), "|", flush=True)
            if not met:
                slow += 1
                explain(url, slowest)
        with_search, without = sealing(url)
        print(f"\nAn answer of {SAID_FOR_SEALS} characters is written in {with_search:.1f} ms, "
              f"without search in {without:.1f} ms.")  # fmt: skip
    return 1 if slow else 0


def explain(url: str, slowest: Statement) -> None:
    took, sql, values = slowest
    with psycopg.connect(url, cursor_factory=psycopg.ClientCursor) as postgres:
        postgres.execute("SET enable_seqscan = off; SET jit = off")
        plan = postgres.execute(f"EXPLAIN (ANALYZE, BUFFERS) {sql}".encode(), values).fetchall()
    print(f"{took:.0f} ms: {sql} {values}", *(line for (line,) in plan), sep="\n", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
