"""`python -m bench.desk_pages`: statements and milliseconds of every page of the desk on a seeded database.

DATABASE_URL names it: `manage.py seed --users 1000 --messages 1000000` has filled it. A superuser is made for
as long as it takes. What is slower than 300 ms is marked, and the exit code says so.
"""

import os
import secrets
import tempfile
import time
from collections.abc import Iterator
from statistics import median
from typing import Any

GOAL_MS = 300
ROUNDS = 3
# What people type into the search of a list.
TYPED = "garden"


def set_up() -> None:
    os.environ.update(
        DJANGO_SETTINGS_MODULE="chatsite.settings",
        DJANGO_SECRET_KEY=secrets.token_hex(32),
        CHATSITE_DATA_DIR=tempfile.mkdtemp(prefix="bench-desk-pages-"),
    )
    import django

    django.setup()


def pages() -> Iterator[tuple[str, str]]:
    """A name and an address: each list as it opens, searched, by its filters, far behind; and one row."""
    from conversations.admin.site import desk

    yield "first page", "/admin/"
    yield "first page, a year", "/admin/?range=12m"
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
        yield f"{name}, one", f"{path}{row.pk}/change/"


def took(client: Any, path: str) -> tuple[int, float, int]:
    """Statements, milliseconds, and what it was answered with."""
    from django.db import connection

    asked: list[str] = []

    def counting(execute: Any, sql: str, *more: Any) -> Any:
        asked.append(sql)
        return execute(sql, *more)

    with connection.execute_wrapper(counting):
        status = client.get(path).status_code
    times = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        client.get(path)
        times.append((time.perf_counter() - began) * 1000)
    return len(asked), median(times), status


def main() -> int:
    set_up()
    from django.test import Client

    from conversations.models import Message, User

    name = f"bench-{secrets.token_hex(4)}"
    root = User.objects.create(username=name, is_staff=True, is_superuser=True)
    client, slow = Client(headers={"host": "127.0.0.1"}), 0
    client.force_login(root)
    client.raise_request_exception = False
    print(f"{User.objects.count():,} people, {Message.objects.count():,} messages", end="\n\n")
    print("| page | statements | ms | |", "| --- | --: | --: | --- |", sep="\n")
    for what, path in pages():
        statements, ms, status = took(client, path)
        slow += ms > GOAL_MS
        mark = "slow" if ms > GOAL_MS else ""
        print(
            f"| {what} | {statements} | {ms:.0f} | {mark if status < 400 else status} |", flush=True
        )
    root.delete()
    return 1 if slow else 0


if __name__ == "__main__":
    raise SystemExit(main())
