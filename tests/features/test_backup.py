"""A backup of a site at work comes back elsewhere: every row, every file, and a site that runs."""

import errno
import json
import os
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone
from pytest_django import DjangoDbBlocker

from conversations import db
from conversations.attachments import orphans
from conversations.attachments.accept import accept
from conversations.attachments.leaving import ALONE, KEPT_LOCK, hold_files, take_away
from conversations.attachments.storage import PrivateFiles
from conversations.backup import bring_back, tables
from conversations.backup.archive import Writer
from conversations.backup.manifest import Manifest, fingerprint
from conversations.errors import Unavailable
from conversations.management.commands import backup
from conversations.models import Image
from tests.features.images_kit import fresh, person, upload
from tests.harness.database import Ground, drop_database, empty_database
from tests.harness.people import PASSWORD, Asked, HalfTold, Http, Person
from tests.harness.pictures import png
from tests.harness.server import Server, manage
from tests.stub_provider import Model

ELSEWHERE = f"chatsite_restored_{os.getpid()}"
ALL_TABLES = """
SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
  AND relname NOT IN ('chatsite_cache', 'django_migrations', 'conversations_boot')
"""

Rows = dict[str, list[str]]


@pytest.fixture
def elsewhere() -> Iterator[str]:
    yield empty_database(ELSEWHERE)
    drop_database(ELSEWHERE)


def test_a_site_at_work_comes_back_elsewhere_and_goes_on(
    server_env: dict[str, str],
    elsewhere: str,
    ada: Person,
    model: Model,
    half_told: HalfTold,  # it is being written all the while
    tmp_path: Path,
    django_db_blocker: DjangoDbBlocker,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    here, archive, data = server_env["DATABASE_URL"], tmp_path / "chat.tar", tmp_path / "data"
    picture = ada.upload(png(9, 7))
    asked = ada.ask(model.will_say("a marmalade answer"), images=[picture["id"]])
    edited = model.will_say("another branch")
    ack = asked.socket.call("message.edit", message=asked.question_id, text=edited.question)
    branch = Asked(ada, asked.socket, ack).finish()
    before, moved = rows_of(here), sequences_of(here)
    manage("backup", str(archive), env={"DATABASE_URL": here})
    after = rows_of(here)

    there = {"DATABASE_URL": elsewhere, "CHATSITE_DATA_DIR": str(data)}
    said = manage("restore", str(archive), env=there)
    assert "Every table and every picture is back." in said
    compare(rows_of(elsewhere), before, after)
    assert all(sequences_of(elsewhere)[name] >= value for name, value in moved.items())
    names = stored_names(here)
    assert names and all((data / "files" / name).read_bytes() == stored(name) for name in names)

    site = Server("restored", {**server_env, **there}).start()
    ground = Ground(ELSEWHERE, django_db_blocker)
    try:
        again = Person(ada.name, site, ground, ada.user, signed_in(site, ada))
        told = {message["id"] for message in again.messages(asked.conversation)}
        assert {asked.question_id, asked.answer_id} <= told or branch.answer_id in told
        shown = f"/images/{picture['id']}/"
        assert again.http.get(shown).content == ada.http.get(shown).content
        found = again.api("GET", "search", params={"q": "marmalade"})["items"]
        assert asked.conversation in str(found)
        assert again.ask(model.will_say("and it goes on")).text == "and it goes on"
        assert again.messages(half_told.asked.conversation)[-1]["text"] == "one "
        again.leave()
    finally:
        site.stop()
        ground.close()
    monkeypatch.setattr(db, "connection_string", lambda: elsewhere)
    with pytest.raises(CommandError, match="There is a site in this database"):
        call_command("restore", str(archive))


def rows_of(url: str) -> Rows:
    """As Postgres shows them, with what it computes, by a way of its own."""
    with psycopg.connect(url) as postgres:
        tables = [name for (name,) in postgres.execute(ALL_TABLES)]
        asked = [f'SELECT t::text FROM "{name}" t'.encode() for name in tables]
        rows = [sorted(row for (row,) in postgres.execute(question)) for question in asked]
        return dict(zip(tables, rows, strict=True))


def compare(back: Rows, before: Rows, after: Rows) -> None:
    """What changed while the backup was made is as it was at some moment of that."""
    assert back.keys() == after.keys()
    audit = "conversations_auditentry"
    back[audit] = [row for row in back[audit] if "site.restore" not in row]
    for table, rows in back.items():
        assert rows in (before[table], after[table]), table


def sequences_of(url: str) -> dict[str, int]:
    with psycopg.connect(url) as postgres:
        return tables.sequences(postgres)


def stored_names(url: str) -> list[str]:
    """Of the pictures whose files are there: other tests lose some on purpose."""
    with psycopg.connect(url) as postgres:
        found = postgres.execute("SELECT name, thumbnail_name FROM conversations_blob").fetchall()
    return [name for pair in found for name in pair if default_storage.exists(name)]


def stored(name: str) -> bytes:
    with default_storage.open(name) as file:
        content: bytes = file.read()
        return content


def signed_in(site: Server, who: Person) -> str:
    """By name and password, as after a move to another machine; the new session."""
    with Http(site, {"csrftoken": "a" * 32}) as browser:
        answer = browser.post("/accounts/login/", data={"login": who.name, "password": PASSWORD})
        assert answer.headers.get("Location") == "/", answer.text[:500]
        return browser.cookies["sessionid"]


@pytest.fixture
def own_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(settings, "DATA_DIR", tmp_path)
    monkeypatch.setattr(default_storage, "_wrapped", PrivateFiles())
    return tmp_path


@pytest.mark.django_db
def test_a_picture_that_goes_while_a_backup_reads_stays_until_the_next_sweep(
    own_data: Path,
) -> None:
    blob = accept(person("ada"), [upload(fresh())])[0].blob
    Image.objects.all().delete()
    with psycopg.connect(db.connection_string()) as backup:
        backup.execute("SELECT pg_advisory_lock_shared(%s)", [KEPT_LOCK])
        hold_files(ALONE)
        take_away([blob])
        assert default_storage.exists(blob.name)
        assert orphans.take_away_files([blob.name], timezone.now()) == 0
        assert default_storage.exists(blob.name)
        # Said, because Postgres notices only after a while that somebody has hung up.
        backup.execute("SELECT pg_advisory_unlock_shared(%s)", [KEPT_LOCK])
    names = [blob.name, blob.thumbnail_name]
    assert orphans.take_away_files(names, timezone.now()) == 2
    assert not default_storage.exists(blob.name)


@pytest.mark.django_db
def test_all_tables_of_ours_are_in_it() -> None:
    with psycopg.connect(db.connection_string()) as postgres:
        found = set(tables.names(postgres))
    ours = set(connection.introspection.django_table_names(only_existing=True))
    assert found == ours - tables.LEFT_OUT and "conversations_auditentry" in found


def test_a_site_that_runs_is_not_written_over(
    server: Server, server_database: str, small: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(db, "connection_string", lambda: server_database)
    with pytest.raises(CommandError, match="The site is running on this database"):
        call_command("restore", str(small), "--replace")


@pytest.fixture
def small(tmp_path: Path) -> Path:
    return by_hand(tmp_path / "small.tar")


def by_hand(path: Path, *more: tuple[str, bytes], **about: Any) -> Path:
    """A whole archive that no site has written."""
    first = {
        "format": 1,
        "made_at": "2026-01-01T00:00:00+00:00",
        "site": "https://chat.example.org",
        "postgres": "17.1",
        "migrations": [("conversations", "0001_initial")],
        "with_pictures": True,
        "secret_key": "",
        "encryption_keys": [],
        **about,
    }
    last = {"rows": {}, "sequences": {}, "pictures": 0, "picture_bytes": 0, "missing": []}
    with path.open("wb") as file:
        writer = Writer(file)
        writer.add("manifest.json", json.dumps(first).encode())
        for name, content in more:
            writer.add(name, content)
        writer.add("contents.json", json.dumps(last).encode())
        writer.close()
    return path


def test_a_look_asks_no_database(small: Path, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("restore", str(small), "--check")
    assert "Whole: a backup of https://chat.example.org" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("more", "about", "sentence"),
    [
        ([], {"migrations": [("conversations", "9999_to_come")]}, "made by a newer version"),
        ([], {"format": 2}, "has format 2"),
        ([("files/../../secret", b"x")], {}, "changed or damaged"),
        ([("files/ab/" + "0" * 64 + ".png", b"x")], {}, "changed or damaged"),
        ([("tables/a; DROP/000000.gz", b"x")], {}, "changed or damaged"),
    ],
)
def test_what_cannot_be_brought_back_is_refused_before_anything_is_changed(
    tmp_path: Path, more: list[tuple[str, bytes]], about: dict[str, Any], sentence: str
) -> None:
    path = by_hand(tmp_path / "chat.tar", *more, **about)
    with pytest.raises(CommandError, match=sentence):
        call_command("restore", str(path), "--replace")


@pytest.mark.parametrize("out", ["-", "chat.tar"])
def test_where_the_disk_is_full_there_is_no_backup(
    out: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(file: Any, **_options: Any) -> None:
        file.write(b"the beginning")
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(backup, "take", full)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(CommandError, match="No space left on device"):
        call_command("backup", out)
    assert list(tmp_path.iterdir()) == []


def test_another_archive_than_the_one_that_is_meant_is_refused(small: Path) -> None:
    with pytest.raises(CommandError, match="it is another one"):
        call_command("restore", str(small), "--digest", "0" * 64)


def test_a_backup_never_replaces_another_one(small: Path) -> None:
    before = small.read_bytes()
    with pytest.raises(CommandError, match="is there already"):
        call_command("backup", str(small))
    assert small.read_bytes() == before


def test_the_key_of_the_backup_takes_the_place_of_the_one_made_at_the_start(own_data: Path) -> None:
    (own_data / "secret_key").write_text(settings.SECRET_KEY)
    bring_back._put_back("secret_key", b"the old site's")
    assert (own_data / "secret_key").read_bytes() == b"the old site's"
    assert (own_data / "secret_key").stat().st_mode & 0o777 == 0o600
    assert (own_data / "secret_key.before-restore").read_text() == settings.SECRET_KEY
    about = partial(Manifest, format=1, made_at="", site="", postgres="", migrations=[])
    same = about(with_pictures=True, secret_key=fingerprint("the old site's"), encryption_keys=[])
    assert bring_back.keys_missing(same) == []
    other = about(with_pictures=True, secret_key="?", encryption_keys=["!"])
    assert [said.split()[0] for said in bring_back.keys_missing(other)] == [
        "DJANGO_SECRET_KEY",
        "CHATSITE_ENCRYPTION_KEYS",
    ]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("problem", "why"),
    [
        (Unavailable("The store of pictures is away."), "The store of pictures is away."),
        (OSError(errno.ENOSPC, "No space left on device", "files/ab"), "files/ab cannot be used"),
        (psycopg.errors.DiskFull("could not extend file"), "could not extend file."),
    ],
)
def test_what_goes_wrong_on_the_way_is_told_as_it_is(
    small: Path, monkeypatch: pytest.MonkeyPatch, problem: Exception, why: str
) -> None:
    """The database was emptied by then: “nothing was changed” would be a lie."""

    def fails(*_args: Any) -> None:
        raise problem

    monkeypatch.setattr(bring_back, "_must_be_free", lambda *_args, **_more: None)
    monkeypatch.setattr(tables, "wipe", lambda _postgres: None)
    monkeypatch.setattr(bring_back, "_migrate_to", fails)
    with pytest.raises(CommandError, match="What was there before is gone") as told:
        call_command("restore", str(small), "--replace")
    assert why in str(told.value) and "Nothing was changed" not in str(told.value)


@pytest.mark.django_db
def test_what_could_not_be_emptied_is_as_it_was(
    small: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(_postgres: Any) -> None:
        raise psycopg.errors.InsufficientPrivilege("must be owner of table")

    monkeypatch.setattr(bring_back, "_must_be_free", lambda *_args, **_more: None)
    monkeypatch.setattr(tables, "wipe", fails)
    with pytest.raises(CommandError, match=r"must be owner of table\. Nothing was changed"):
        call_command("restore", str(small), "--replace")
