"""A backup is brought back into an empty database and an empty store of pictures.

Tables are made by the migrations that the backup names, filled in one transaction, and brought up to date by
those that came later. So Postgres may be another version, and the site a newer one.
"""

import gzip
import os
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Any

import psycopg
from django.conf import settings
from django.core.files.storage import FileSystemStorage, storages
from django.core.management import call_command
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader

from chatsite.databases import FIRST_POSTGRES
from conversations import audit, db
from conversations.backup import look, pictures, tables
from conversations.backup.archive import CHANGED, Damaged, Reader
from conversations.backup.look import Looked
from conversations.backup.manifest import Manifest, fingerprint
from conversations.backup.take import KEY_FILE
from conversations.errors import Conflict, Invalid, Refusal
from conversations.models import SiteSettings
from conversations.runs.reaper import DEAD_SECONDS

HELD = "SELECT count(*) FROM conversations_hold WHERE ended_at IS NULL"
# Who gave a sign since then lives.
RUNNING = (
    "SELECT count(*) FROM conversations_boot WHERE beat_at > now() - make_interval(secs => %s)"
)
# So few bytes stay free on the disk of the pictures.
SPARE_BYTES = 64 * 1024 * 1024

TOO_OLD = "Postgres {version} is too old: 15 or newer is needed."
IS_RUNNING = "The site is running on this database. Stop all its processes first."
IS_FULL = (
    "There is a site in this database already. Give DATABASE_URL an empty one, or say --replace: "
    "then everything in it is deleted for good."
)
IS_HELD = "A legal hold keeps what is in this database. End it in the admin, or restore elsewhere."
HALFWAY = (
    "{why} What was there before is gone, and of the backup nothing is there yet. "
    "Mend that, and restore again."
)
NO_ROOM = "The pictures of the backup take {needed} MB, and the disk of {place} has {free} MB left."


class Halfway(Exception):
    """With a sentence: the database was emptied, and is not filled."""


def bring_back(path: Path, looked: Looked, *, replace: bool = False) -> None:
    """`looked` is that archive, read through. Raises Conflict or Invalid before anything is changed, and
    Halfway after."""
    with psycopg.connect(db.connection_string(), autocommit=True) as postgres:
        postgres.execute(tables.SAME_EVERYWHERE.encode())
        _must_be_free(postgres, replace=replace)
        _must_have_room(looked)
        _wipe(postgres)
        try:
            _put_in_place(postgres, path, looked)
        except (Refusal, OSError, psycopg.Error, DatabaseError) as problem:
            raise Halfway(HALFWAY.format(why=_why(problem))) from problem
    call_command("migrate", verbosity=0, interactive=False)
    audit.record(None, "site.restore", SiteSettings, made_at=looked.manifest.made_at)


def _wipe(postgres: psycopg.Connection[tuple[Any, ...]]) -> None:
    """All or nothing: what goes wrong here has changed nothing. Raises Conflict."""
    try:
        with postgres.transaction():
            tables.wipe(postgres)
    except psycopg.Error as problem:
        raise Conflict(_why(problem)) from problem


def _put_in_place(
    postgres: psycopg.Connection[tuple[Any, ...]], path: Path, looked: Looked
) -> None:
    _migrate_to(looked.manifest)
    with postgres.transaction():
        _fill(postgres, path, looked)
    postgres.execute("ANALYZE")


def _why(problem: Exception) -> str:
    if isinstance(problem, OSError):
        return f"{problem.filename or settings.DATA_DIR} cannot be used: {problem.strerror}."
    return str(problem) if isinstance(problem, Refusal) else f"{db.first_line(problem)}."


def keys_missing(wanted: Manifest) -> list[str]:
    """Which keys of the site that was backed up this one does not have, as sentences."""
    said = []
    if fingerprint(_secret_key_to_come()) != wanted.secret_key:
        said.append(
            "DJANGO_SECRET_KEY is another one than that of the backup: everybody has to sign in again, "
            "second factors cannot be read (take them away in the admin), and links that were shared open, "
            "but the site can no longer show their addresses."
        )
    ours = {fingerprint(key) for key in settings.ENCRYPTION_KEYS}
    if not ours.issuperset(wanted.encryption_keys):
        said.append(
            "CHATSITE_ENCRYPTION_KEYS lacks keys that the site had: what is sealed with them, such as keys "
            "of providers that were typed into the admin, cannot be read until they are there."
        )
    return said


def _must_be_free(postgres: psycopg.Connection[tuple[Any, ...]], *, replace: bool) -> None:
    if postgres.info.server_version < FIRST_POSTGRES:
        raise Invalid(TOO_OLD.format(version=postgres.info.server_version // 10_000))
    if _has(postgres, "conversations_boot") and _count(postgres, RUNNING, DEAD_SECONDS):
        raise Conflict(IS_RUNNING)
    people = "SELECT count(*) FROM conversations_user"
    if not replace and _has(postgres, "conversations_user") and _count(postgres, people):
        raise Conflict(IS_FULL)
    if _has(postgres, "conversations_hold") and _count(postgres, HELD):
        raise Conflict(IS_HELD)


def _has(postgres: psycopg.Connection[tuple[Any, ...]], table: str) -> bool:
    found = postgres.execute("SELECT to_regclass(%s) IS NOT NULL", [table]).fetchone()
    return bool(found and found[0])


def _count(postgres: psycopg.Connection[tuple[Any, ...]], statement: str, *values: Any) -> int:
    found = postgres.execute(statement.encode(), values).fetchone()
    return int(found[0]) if found else 0


def _must_have_room(looked: Looked) -> None:
    """Of a bucket nobody knows; a disk says it."""
    if not isinstance(storages["default"], FileSystemStorage):
        return
    settings.DATA_DIR.mkdir(parents=True, exist_ok=True)
    disk = os.statvfs(settings.DATA_DIR)
    free, needed = disk.f_bavail * disk.f_frsize, looked.contents.picture_bytes
    if needed + SPARE_BYTES > free:
        sizes = {"needed": needed // 1_000_000, "free": free // 1_000_000}
        raise Conflict(NO_ROOM.format(place=settings.DATA_DIR, **sizes))


def _migrate_to(wanted: Manifest) -> None:
    """The tables as they were. What `migrate` does besides (permissions, kinds of content) is in the rows."""
    applied = {(app, name) for app, name in wanted.migrations}
    graph = MigrationLoader(None).graph
    ends = [node for node in applied if not applied.intersection(_later(graph, node))]
    executor = MigrationExecutor(connection)
    executor.migrate(sorted(ends))
    connection.close()


def _later(graph: Any, node: tuple[str, str]) -> list[tuple[str, str]]:
    """What comes right after it in its own app."""
    return [child.key for child in graph.node_map[node].children if child.key[0] == node[0]]


def _fill(postgres: psycopg.Connection[tuple[Any, ...]], path: Path, looked: Looked) -> None:
    """The pictures too: should the disk refuse one, the database has no rows."""
    filling = tables.Filling(postgres)
    with path.open("rb") as file:
        reader = Reader(file)
        for table, members in groupby(reader, key=lambda member: _table(member[0])):
            if table:
                rows = filling.fill(table, _unpacked(members))
                if rows != looked.contents.rows.get(table):
                    raise Damaged(CHANGED)
            else:
                for name, content in members:
                    _put_back(name, content)
    if reader.digest != looked.digest:  # it was changed between the two looks
        raise Damaged(CHANGED)
    filling.finish(looked.contents.sequences)


def _table(name: str) -> str:
    found = look.TABLE.fullmatch(name)
    return found[1] if found else ""


def _unpacked(members: Iterator[tuple[str, bytes]]) -> Iterator[bytes]:
    for _name, content in members:
        yield gzip.decompress(content)


def _put_back(name: str, content: bytes) -> None:
    if name.startswith(pictures.FOLDER):
        pictures.store(name.removeprefix(pictures.FOLDER), content)
    elif name == KEY_FILE:
        _keep_key(content)


def _keep_key(content: bytes) -> None:
    """In place of the one that this command has just made; that of a site that was here stays beside it."""
    place = settings.DATA_DIR / KEY_FILE
    if place.exists() and place.read_bytes() != content:
        place.rename(place.with_name("secret_key.before-restore"))
    draft = place.with_name("secret_key.restored")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(content)
    draft.replace(place)


def _secret_key_to_come() -> str:
    """What the site will read: the environment's, or the file that came with the backup."""
    path = settings.DATA_DIR / KEY_FILE
    was = path.with_name("secret_key.before-restore")
    made_here = was.exists() and was.read_text().strip() == settings.SECRET_KEY
    return path.read_text().strip() if made_here else settings.SECRET_KEY
