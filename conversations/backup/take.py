"""A backup while the site runs: one snapshot of the tables, then the pictures that it names."""

import gzip
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import IO, Any

import psycopg
from django.conf import settings

from conversations import audit, db
from conversations.attachments import leaving
from conversations.backup import manifest, pictures, tables
from conversations.backup.archive import Writer
from conversations.backup.manifest import Contents
from conversations.errors import Invalid
from conversations.models import SiteSettings

KEY_FILE = "secret_key"
TABLE = "tables/{table}/{number:06}.gz"
# Words become a third; a higher one takes thrice the time for a tenth less.
PACKED = 3
NOT_MIGRATED = "The tables are not as this version has them. Run `manage.py migrate` first."


@dataclass
class Taken:
    """What is in a backup that was made."""

    digest: str = ""
    bytes: int = 0
    rows: dict[str, int] = field(default_factory=dict)
    pictures: int = 0
    picture_bytes: int = 0
    missing: list[str] = field(default_factory=list)


def take(out: IO[bytes], *, with_pictures: bool = True) -> Taken:
    """Everything is written to `out`. Raises Invalid where the tables are of another version."""
    if db.migrations_missing():
        raise Invalid(NOT_MIGRATED)
    audit.record(None, "site.backup", SiteSettings, pictures=with_pictures)
    first = manifest.of_this_site(with_pictures=with_pictures)
    archive, taken = Writer(out), Taken()
    archive.add(manifest.FIRST, first.written())
    with _snapshot() as postgres:
        for table in tables.names(postgres):
            taken.rows[table] = _copy(archive, postgres, table)
        if with_pictures:
            _copy_pictures(archive, postgres, taken)
        _copy_key(archive)
        last = Contents(
            rows=taken.rows,
            # Last: a sequence knows no snapshot, and must not stand before a row that was copied.
            sequences=tables.sequences(postgres),
            pictures=taken.pictures,
            picture_bytes=taken.picture_bytes,
            missing=taken.missing,
        )
    archive.add(manifest.LAST, last.written())
    taken.digest, taken.bytes = archive.close(), archive.bytes
    return taken


@contextmanager
def _snapshot() -> Iterator[psycopg.Connection[tuple[Any, ...]]]:
    """No picture is deleted before it ends: whoever is about to has committed before it begins."""
    with psycopg.connect(db.connection_string(), autocommit=True) as postgres:
        postgres.execute(tables.SAME_EVERYWHERE.encode())
        postgres.execute("SELECT pg_advisory_lock_shared(%s)", [leaving.KEPT_LOCK])
        there = tables.names(postgres)
        postgres.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        postgres.read_only = True
        with postgres.transaction():
            tables.lock(postgres, there)
            yield postgres


def _copy(archive: Writer, postgres: psycopg.Connection[tuple[Any, ...]], table: str) -> int:
    count = 0
    for number, (piece, rows) in enumerate(tables.pieces(postgres, table)):
        name = TABLE.format(table=table, number=number)
        archive.add(name, gzip.compress(piece, PACKED, mtime=0))
        count += rows
    return count


def _copy_pictures(
    archive: Writer, postgres: psycopg.Connection[tuple[Any, ...]], taken: Taken
) -> None:
    for name in pictures.named(postgres):
        content = pictures.read(name)
        if content is None:
            taken.missing.append(name)
            continue
        archive.add(pictures.FOLDER + name, content)
        taken.pictures += 1
        taken.picture_bytes += len(content)


def _copy_key(archive: Writer) -> None:
    """The one that the site made for itself; what the environment says is its owner's to keep."""
    path = settings.DATA_DIR / KEY_FILE
    if path.exists() and path.read_text().strip() == settings.SECRET_KEY:
        archive.add(KEY_FILE, path.read_bytes())
