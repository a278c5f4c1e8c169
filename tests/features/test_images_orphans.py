"""What is left without an owner goes after its grace time, and nothing else does."""

import asyncio
import os
import time
from functools import partial
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.utils import timezone

from conversations.attachments import orphans
from conversations.attachments.accept import accept
from conversations.attachments.storage import PrivateFiles
from conversations.models import Blob, Image, User
from conversations.runs import sweep
from tests.features.images_kit import fresh, person, upload

pytestmark = pytest.mark.django_db

DAY = 86_400


@pytest.fixture(autouse=True)
def own_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Other tests' files are in the common folder, and here without a row."""
    monkeypatch.setattr(settings, "DATA_DIR", tmp_path)
    monkeypatch.setattr(default_storage, "_wrapped", PrivateFiles())


@pytest.fixture
def ada() -> User:
    return person("ada")


def aged(name: str, seconds: int = 2 * DAY) -> str:
    long_ago = time.time() - seconds
    os.utime(default_storage.path(name), (long_ago, long_ago))
    return name


def left(name: str) -> str:
    return aged(default_storage.save(name, ContentFile(b"nobody's")))


def stored(owner: User) -> Blob:
    blob = accept(owner, [upload(fresh())])[0].blob
    for name in (blob.name, blob.thumbnail_name):
        aged(name)
    return blob


def swept(*words: str) -> str:
    out = StringIO()
    call_command("sweep_files", *words, stdout=out)
    return out.getvalue()


def test_files_without_a_row_go_and_all_others_stay(ada: User) -> None:
    blob = stored(ada)
    old = [left("ab/nobody.jpg"), left("ab/.0123.part"), left("above.jpg")]
    young = default_storage.save("cd/young.jpg", ContentFile(b"just now"))
    said = swept("--dry-run")
    assert "Files that no row names: 3 would be deleted." in said
    assert all(f"  {name}\n" in said for name in old)
    assert all(map(default_storage.exists, old))
    assert "Files that no row names: 3 deleted." in swept()
    assert not any(map(default_storage.exists, old))
    assert all(map(default_storage.exists, (young, blob.name, blob.thumbnail_name)))
    assert "Files that no row names: 1 deleted." in swept("--grace", "0m")
    assert default_storage.exists(blob.name)


def test_rows_that_nobody_has_go_with_their_files(ada: User) -> None:
    mine, nobodys, young = stored(ada), stored(ada), stored(ada)
    Image.objects.exclude(blob=mine).delete()
    Blob.objects.filter(pk=nobodys.pk).update(created_at="2026-01-01T00:00Z")
    assert "Pictures that nobody has: 1 would be deleted." in swept("--dry-run")
    assert Blob.objects.filter(pk=nobodys.pk).exists()
    assert "Pictures that nobody has: 1 deleted." in swept()
    assert set(Blob.objects.values_list("pk", flat=True)) == {mine.pk, young.pk}
    assert not default_storage.exists(nobodys.name)
    assert default_storage.exists(young.name)


def test_rows_without_a_file_are_named_and_kept(ada: User) -> None:
    whole, lost = stored(ada), stored(ada)
    default_storage.delete(lost.thumbnail_name)
    said = swept()
    assert "Pictures without their files: 1." in said
    assert str(lost.pk) in said and str(whole.pk) not in said
    assert Blob.objects.filter(pk=lost.pk).exists()


def test_a_file_that_got_its_row_meanwhile_stays(ada: User) -> None:
    blob = stored(ada)
    assert orphans.take_away_files([blob.name, left("ab/nobody.jpg")], timezone.now()) == 1
    assert default_storage.exists(blob.name)


@pytest.mark.parametrize("grace", ["soon", "-1h", "24", "1w"])
def test_a_grace_that_is_none_is_said(grace: str) -> None:
    with pytest.raises(CommandError, match="30m, 24h or 7d"):
        swept(f"--grace={grace}")


def test_the_process_sweeps_by_itself(ada: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without an event loop, whose connection would not see the rows of this test."""

    async def at_once(work: Any, *what: Any) -> Any:
        return work(*what)

    monkeypatch.setattr(sweep, "in_db", lambda work: partial(at_once, work))
    monkeypatch.setattr(asyncio, "to_thread", at_once)
    blob, name = stored(ada), left("ab/nobody.jpg")
    with pytest.raises(StopIteration):
        sweep.sweep_files().send(None)
    assert not default_storage.exists(name)
    assert default_storage.exists(blob.name)


def test_a_site_without_pictures_has_nothing_to_sweep() -> None:
    assert not (settings.DATA_DIR / "files").exists()
    assert "Files that no row names: 0 deleted." in swept()
