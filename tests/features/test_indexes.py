"""Each row that is written pays for every index: there is one where somebody asks, and none twice."""

from collections import defaultdict
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django.db.models import QuerySet

from conversations.models import (
    Allowance,
    Blob,
    CachedAnswer,
    RateCount,
    SentRequest,
    SentText,
)

# Of Postgres itself: the table, the columns, and what tells an index from a plain one.
INDEXES = """
SELECT indrelid::regclass::text, indkey::int2[], indclass::oid[], indexrelid::regclass::text
  FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid JOIN pg_am ON pg_am.oid = relam
 WHERE indrelid::regclass::text = ANY(%s) AND indpred IS NULL AND indexprs IS NULL AND amname = 'btree'
"""


def test_no_index_is_the_beginning_of_another(db: None) -> None:
    tables = [model._meta.db_table for model in apps.get_app_config("conversations").get_models()]
    known: dict[str, list[tuple[Any, str]]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(INDEXES, [tables])
        for table, columns, classes, name in cursor.fetchall():
            known[table].append((list(zip(columns, classes, strict=True)), name))
    twice = {
        short: long
        for indexes in known.values()
        for columns, short in indexes
        for more, long in indexes
        if short != long and columns == more[: len(columns)]
    }
    assert twice == {}


BEGINNINGS = """
SELECT DISTINCT indexrelid::regclass::text FROM pg_index, unnest(indclass::oid[]) AS kind
  JOIN pg_opclass ON pg_opclass.oid = kind
 WHERE indrelid::regclass::text = ANY(%s) AND opcname = 'varchar_pattern_ops'
"""


def test_what_each_question_writes_has_no_index_of_beginnings(db: None) -> None:
    """Django makes one for each text that is unique or refers to one: nobody asks how a key begins."""
    tables = [
        model._meta.db_table
        for model in (Allowance, CachedAnswer, RateCount, SentRequest, SentText)
    ]
    with connection.cursor() as cursor:
        cursor.execute(BEGINNINGS, [tables])
        assert cursor.fetchall() == []
        cursor.execute(BEGINNINGS, [[Blob._meta.db_table]])
        assert ("blob_of_name",) in cursor.fetchall(), "it finds those that are"


@pytest.mark.parametrize(
    "asked", [{"name": "ab/a.jpg"}, {"thumbnail_name": "ab/a.webp"}, {"name__startswith": "ab/a."}]
)
def test_a_file_is_found_by_its_name(db: None, asked: dict[str, str]) -> None:
    """By who takes files away, while every upload waits: not by reading the whole table."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    rows: QuerySet[Blob] = Blob.objects.filter(**asked)
    assert "blob_of_" in rows.explain()
