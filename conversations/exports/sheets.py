"""The ledger and the audit as lines: which columns there are, and how a row is written."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

import orjson
from django.db.models import Model, OuterRef, QuerySet, Subquery

from conversations import csv_safe
from conversations.exports import pages
from conversations.models import AuditEntry, ProviderCall, User

CSV, JSON_LINES = "csv", "jsonl"
# How many rows are whole with this piece, and the piece.
Lines = Iterator[tuple[int, bytes]]


def columns_of(table: type[Model]) -> list[str]:
    """All of them, as Postgres calls them: what is added to the table is exported from then on."""
    return [field.attname for field in table._meta.concrete_fields]


def ledger(rows: QuerySet[Any], form: str) -> Lines:
    """Whose a call was stands there by name, too: of who was erased only the id is left."""
    person = User.objects.filter(pk=OuterRef("user_id")).values("username")
    named = rows.annotate(person=Subquery(person))
    return _lines(named, [*columns_of(ProviderCall), "person"], form)


def audit(rows: QuerySet[Any], form: str) -> Lines:
    return _lines(rows, columns_of(AuditEntry), form)


def end(form: str, rows: int, width: int = 2) -> bytes:
    """The last line. A file without it broke off, whatever the browser says."""
    if form == JSON_LINES:
        return orjson.dumps({"complete": True, "rows": rows}) + b"\n"
    return csv_safe.lines([["complete", rows, *[""] * (width - 2)]])


def _lines(rows: QuerySet[Any], columns: Sequence[str], form: str) -> Lines:
    if form == CSV:
        yield 0, csv_safe.MARK + csv_safe.lines([columns])
    write = _as_csv if form == CSV else _as_json
    done = 0
    for page in pages.by_time(rows, columns):
        yield len(page), write(columns, page)
        done += len(page)
    yield 0, end(form, done, len(columns))


def _as_csv(columns: Sequence[str], page: Sequence[pages.Row]) -> bytes:
    return csv_safe.lines([_cell(value) for value in row] for row in page)


def _as_json(columns: Sequence[str], page: Sequence[pages.Row]) -> bytes:
    written = (
        orjson.dumps(dict(zip(columns, row, strict=True)), option=orjson.OPT_UTC_Z) for row in page
    )
    return b"\n".join(written) + b"\n"


def _cell(value: Any) -> Any:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return orjson.dumps(value).decode() if isinstance(value, dict | list) else value
