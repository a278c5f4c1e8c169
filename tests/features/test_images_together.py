"""Pictures of several people at once: decoded once, and nobody keeps others from the database."""

import io
import threading
import uuid
from collections.abc import Hashable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.db import connection, connections
from pytest_django import DjangoDbBlocker

from conversations.accounts import erase as erasing
from conversations.api import pictures as calls
from conversations.attachments import accept as door
from conversations.attachments import leaving
from conversations.attachments.accept import accept
from conversations.attachments.line import Line
from conversations.chat import everything, pictures
from conversations.chat.imports.work import Work
from conversations.db import in_transaction
from conversations.models import Blob, Conversation, Image, ImportJob, MessageImage, User
from tests.features.exports_kit import zipped
from tests.features.images_kit import fresh, person, upload, watched_decoder
from tests.features.runs_kit import forget_traces

pytestmark = pytest.mark.usefixtures("committed")


@pytest.fixture
def committed(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Rows that other threads can see. (To empty all tables is refused by the audit's trigger.)"""
    with django_db_blocker.unblock():
        yield
        Conversation.objects.all().delete()
        for model in (Image, Blob, User):
            model.objects.all().delete()
        forget_traces()
        connections.close_all()


def test_the_same_picture_at_the_same_moment_is_decoded_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    runs = watched_decoder(monkeypatch)
    content, start = fresh(), threading.Barrier(4)
    people = [person(f"person-{number}") for number in range(2)] * 2

    def send(user: User) -> list[Image]:
        start.wait(60)
        try:
            return accept(user, [upload(content), upload(fresh())])
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as threads:
        results = list(threads.map(send, people))
    assert Blob.objects.filter(sha256=results[0][0].blob.sha256).count() == 1
    assert len({images[0].pk for images in results}) == 2
    assert len(runs) == 1 + 4


def test_no_connection_is_held_while_a_picture_is_decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    held: list[bool] = []
    real = door.decoder.run

    def run(source: Any, folder: Path) -> dict[str, Any]:
        held.append(connection.connection is not None)
        return real(source, folder)

    monkeypatch.setattr(door.decoder, "run", run)
    accept(person("ada"), [upload(fresh())])
    assert held == [False]


def test_a_picture_that_is_deleted_before_its_import_is_written_is_taken_in_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ada, real = person("ada"), accept
    deleted: list[uuid.UUID] = []

    def brought(user: User, uploads: Any) -> list[Image]:
        images = real(user, uploads)
        if not deleted:  # as by another tab, which looks at all pictures
            deleted.append(images[0].pk)
            in_transaction(pictures.delete, user, images[0].pk)
        return images

    monkeypatch.setattr(door, "accept", brought)
    shown = [{"file": "images/a.png"}, {"file": "images/missing.png"}]
    said = [{"id": "q", "role": "user", "text": "What is it?", "images": shown}]
    told = {"format": "chatsite.conversation", "version": 1, "id": "x", "messages": said}
    file = io.BytesIO(zipped({"conversations.json": [told], "images/a.png": fresh()}))
    job = ImportJob.objects.create(owner=ada, boot=uuid.uuid4(), file_bytes=len(file.getvalue()))
    Work(job, ada, file).do()
    job.refresh_from_db()
    assert (job.status, job.imported, job.images) == ("complete", 1, 1)
    assert job.left_out == {"pictures_missing": 1}, "counted once"
    [use] = MessageImage.objects.filter(message__conversation__owner=ada)
    assert use.image_id not in deleted


def test_each_waits_for_the_decoder_behind_themselves(monkeypatch: pytest.MonkeyPatch) -> None:
    came: list[object] = []

    class Watched(Line):
        @contextmanager
        def place(self, who: Hashable, *, seconds: float | None = None) -> Iterator[None]:
            came.append(who)
            with super().place(who, seconds=seconds):
                yield

    monkeypatch.setattr(door, "line", Watched(door.AT_ONCE))
    ada, ben = person("ada"), person("ben")
    accept(ada, [upload(fresh()), upload(fresh())])
    accept(ben, [upload(fresh())])
    assert came == [ada.pk, ada.pk, ben.pk]


def test_calls_of_one_person_leave_room_for_those_of_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    inside, done = threading.Semaphore(0), threading.Event()

    def accepted(_user: User, _uploads: object) -> list[Image]:
        inside.release()
        assert done.wait(60)
        return []

    monkeypatch.setattr(calls, "accept", accepted)
    ada, ben = person("ada"), person("ben")
    with ThreadPoolExecutor(4) as threads:
        hers = [threads.submit(calls.taken_in, ada, []) for _ in range(3)]
        assert inside.acquire(timeout=60) and inside.acquire(timeout=60)
        threads.submit(calls.taken_in, ben, [])
        assert inside.acquire(timeout=60), "his is taken in beside two of hers"
        assert not inside.acquire(timeout=0.05), "her third one waits"
        done.set()
        assert inside.acquire(timeout=60)
    assert [one.result() for one in hers] == [[]] * 3


@pytest.mark.parametrize("known", [True, False])
@pytest.mark.parametrize("away", [(erasing, "_at_once"), (everything, "delete")])
def test_who_brings_a_picture_and_who_takes_all_away_do_not_wait_for_each_other(
    monkeypatch: pytest.MonkeyPatch, away: tuple[ModuleType, str], known: bool
) -> None:
    content, ada = fresh(), person("ada")
    accept(ada, [upload(fresh()), *([upload(content)] if known else [])])
    storing, taking = threading.Event(), threading.Event()
    real, take_away, begun = leaving.hold_files, getattr(*away), list[User]()

    def hold_files(statement: str = leaving.SHARED) -> None:
        if statement == leaving.ALONE:
            taking.set()
        real(statement)
        if statement == leaving.SHARED:
            storing.set()  # it holds them, and goes on once somebody waits for that
            assert taking.wait(60)

    def taken_away(user: User, *asked: object) -> None:
        begun.append(user)
        take_away(user, *asked)

    monkeypatch.setattr(leaving, "hold_files", hold_files)
    monkeypatch.setattr(*away, taken_away)
    with ThreadPoolExecutor(2) as threads:
        brought = threads.submit(calls.taken_in, ada, [upload(content)])
        assert storing.wait(60)
        is_erased = away[0] is erasing
        act = partial(erasing.erase, ada) if is_erased else partial(everything.delete, ada)
        gone = threads.submit(in_transaction, act)
        assert len(brought.result(60)) == 1
        gone.result(60)
    assert len(begun) == 1, "it was done anew after a deadlock"
    assert Image.objects.count() == 0


def test_who_deletes_a_picture_waits_for_who_is_storing_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    content, ada, ben = fresh(), person("ada"), person("ben")
    [adas] = accept(ada, [upload(content)])
    storing, deleting = threading.Event(), threading.Event()
    real = leaving.hold_files

    def hold_files(statement: str = leaving.SHARED) -> None:
        if statement == leaving.ALONE:
            deleting.set()
        real(statement)
        if statement == leaving.SHARED:
            storing.set()  # it holds them, and goes on once somebody waits for that
            assert deleting.wait(60)

    monkeypatch.setattr(leaving, "hold_files", hold_files)
    with ThreadPoolExecutor(2) as threads:
        brought = threads.submit(calls.taken_in, ben, [upload(content)])
        assert storing.wait(60)
        gone = threads.submit(in_transaction, pictures.delete, ada, adas.pk)
        [bens] = brought.result(60)
        gone.result(60)
    assert default_storage.exists(bens.blob.name)
    assert list(Image.objects.all()) == [bens]
