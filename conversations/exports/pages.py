"""Rows of tables of millions, page by page: each page is found by an index, in a transaction of its own.

A cursor would hold one transaction open for as long as the slowest reader takes.
"""

import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from conversations.db import in_transaction

ROWS_A_PAGE = 1000
# What comes before an id is small; what follows from it is not (exports/talks.py).
IDS_A_PAGE = 20
# Counted in a tenth of a second; beyond it the planner of Postgres guesses, which takes no time.
COUNTED = 100_000

Row = tuple[Any, ...]


def by_time(rows: QuerySet[Any], columns: Sequence[str]) -> Iterator[list[Row]]:
    """Oldest first. `columns` have `at` and `id` among them."""
    at, id = columns.index("at"), columns.index("id")
    last: tuple[datetime, UUID] | None = None
    while page := in_transaction(_by_time, rows, columns, last):
        yield page
        last = page[-1][at], page[-1][id]


def _by_time(
    rows: QuerySet[Any], columns: Sequence[str], last: tuple[datetime, UUID] | None
) -> list[Row]:
    if last is not None:
        at, id = last
        rows = rows.filter(Q(at__gt=at) | Q(at=at, pk__gt=id), at__gte=at)
    return list(rows.order_by("at", "pk").values_list(*columns)[:ROWS_A_PAGE])


def ids(rows: QuerySet[Any]) -> Iterator[list[UUID]]:
    """In the order of their making."""
    last: UUID | None = None
    while page := in_transaction(_ids, rows, last):
        yield page
        last = page[-1]


def _ids(rows: QuerySet[Any], last: UUID | None) -> list[UUID]:
    beyond = rows.filter(pk__gt=last) if last else rows
    return list(beyond.order_by("pk").values_list("pk", flat=True)[:IDS_A_PAGE])


def expected(rows: QuerySet[Any]) -> tuple[int, bool]:
    """How many there are, and whether that is counted: what is more than COUNTED is a guess."""
    counted = rows.order_by()[: COUNTED + 1].count()
    if counted <= COUNTED:
        return counted, True
    [told] = json.loads(rows.order_by().values("pk").explain(format="json"))
    return max(int(told["Plan"]["Plan Rows"]), counted), False
