"""`python -m bench.desk_pages`: statements, pages of Postgres and milliseconds of every page of the desk.

DATABASE_URL names a seeded database: `manage.py seed --users 1000 --messages 1000000` has filled it, and
`python -m bench.ledger` its ledger; CHATSITE_DATA_DIR is where its pictures are. A superuser is made for as
long as it takes. What is slower than 300 ms is marked, and the exit code says so. Words after the command:
only pages whose names begin so. Pages of Postgres are what its plans touch, on a busy machine as on a quiet
one.
"""

import gc
import json
import re
import secrets
import sys
import time
from collections.abc import Iterator
from html import unescape
from statistics import median
from typing import Any

from bench.own_django import set_up

GOAL_MS = 300
ROUNDS = 3
# What people type into the search of a list.
TYPED = "garden"
HREF = re.compile(r'href="(\?[^"]*)"')
SORTED = re.compile(r'[?;]o=([-.\d]+)"')
READS = ("SELECT", "WITH", "(SELECT")


def ready() -> None:
    set_up()
    gc.collect()
    gc.freeze()  # as `manage.py serve` does: else the collector's 100 ms fall on one page or another


def pages(client: Any) -> Iterator[tuple[str, str]]:
    """A name and an address: the first page; each list as it opens, searched, by its filters, far behind; and
    one row."""
    from conversations.admin.site import desk

    yield from of_the_first_page()
    yield (
        "people to choose",
        ("/admin/autocomplete/?app_label=conversations&model_name=budget&field_name=user&term=ada"),
    )
    for model, table in desk._registry.items():  # noqa: SLF001 Django has no other way
        name, path = model._meta.model_name, f"/admin/{model._meta.label_lower.replace('.', '/')}/"
        row = table.model._default_manager.order_by("pk").last()  # noqa: SLF001
        if row is None:
            continue
        yield f"{name}", path
        yield f"{name}, page 100", f"{path}?p=100"
        if table.search_fields:
            yield f"{name}, searched", f"{path}?q={TYPED}"
        for choice in filtered(client, path):
            yield f"{name}, {choice}", path + choice
        yield f"{name}, one", f"{path}{row.pk}/change/"


def of_the_first_page() -> Iterator[tuple[str, str]]:
    """Each range, of everybody, of one person and of a group; the numbers as CSV."""
    from django.contrib.auth.models import Group

    from conversations.models import SiteUse, User

    group = Group.objects.filter(user__isnull=False).order_by("pk").last()
    person = User.objects.filter(groups=group).order_by("pk").last()
    model = SiteUse.objects.order_by("day").last()
    narrowed = {
        "": "",
        ", a model": f"&model={model.model if model else ''}",
        ", answers": "&purpose=chat",
        ", a group": f"&group={group.pk if group else ''}",
        ", a person": f"&person={person.pk if person else ''}",
    }
    for name in ("24h", "7d", "30d", "90d", "12m"):
        for what, more in narrowed.items():
            yield f"first page, {name}{what}", f"/admin/?range={name}{more}"
    yield "its numbers as CSV", "/admin/numbers.csv?range=12m"


def filtered(client: Any, path: str) -> list[str]:
    """One choice of each filter beside a list, the last of them; and the list by each of its columns."""
    page = client.get(path).text
    beside = page.partition('id="changelist-filter"')[2]
    ways = [HREF.findall(part)[-1:] for part in beside.split("<details")[1:]]
    columns = dict.fromkeys(f"?o={order}" for order in SORTED.findall(page))
    return [*(unescape(way) for found in ways for way in found), *columns]


def took(client: Any, path: str) -> tuple[int, int, float, int]:
    """Statements, pages of Postgres, milliseconds, and what it was answered with."""
    from django.db import connection

    blocks: list[int] = []

    def noting(execute: Any, sql: Any, params: Any, *more: Any) -> Any:
        """Explained where it was asked, by the settings of its transaction."""
        answer = execute(sql, params, *more)
        if not str(sql).startswith("EXPLAIN"):
            blocks.append(touched(str(sql), params))
        return answer

    with connection.execute_wrapper(noting):
        status = client.get(path).status_code
    times = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        client.get(path)
        times.append((time.perf_counter() - began) * 1000)
    return len(blocks), sum(blocks), median(times), status


def touched(sql: str, params: Any) -> int:
    """Pages of 8 kB that a statement reads, whether they were in memory or not."""
    from django.db import connection

    if not sql.startswith(READS):
        return 0
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {sql}", params)
        [(plan,)] = cursor.fetchall()
    top = (json.loads(plan) if isinstance(plan, str) else plan)[0]["Plan"]
    return int(top["Shared Hit Blocks"] + top["Shared Read Blocks"])


def main() -> int:
    ready()
    from django.test import Client

    from conversations.models import Message, ProviderCall, User

    name = f"bench-{secrets.token_hex(4)}"
    root = User.objects.create(username=name, is_staff=True, is_superuser=True)
    client, slow = Client(headers={"host": "127.0.0.1"}), 0
    client.force_login(root)
    client.raise_request_exception = False
    counts = (
        f"{table.objects.count():,} {said}"
        for table, said in ((User, "people"), (Message, "messages"), (ProviderCall, "calls"))
    )
    print(", ".join(counts), end="\n\n")
    print(
        "| page | statements | pages of Postgres | ms | |",
        "| --- | --: | --: | --: | --- |",
        sep="\n",
    )
    for what, path in pages(client):
        if sys.argv[1:] and not what.startswith(tuple(sys.argv[1:])):
            continue
        statements, blocks, ms, status = took(client, path)
        slow += ms > GOAL_MS
        mark = "slow" if ms > GOAL_MS else ""
        said = mark if status < 400 else status
        print(f"| {what} | {statements} | {blocks:,} | {ms:.0f} | {said} |", flush=True)
    root.delete()
    return 1 if slow else 0


if __name__ == "__main__":
    raise SystemExit(main())
