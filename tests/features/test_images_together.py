"""Pictures of several people at once: decoded once, and nobody keeps others from the database."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, connections
from pytest_django import DjangoDbBlocker

from conversations.attachments import accept as door
from conversations.attachments.accept import accept
from conversations.models import Blob, Image, User
from tests.features.images_kit import fresh, person, upload, watched_decoder

pytestmark = pytest.mark.usefixtures("committed")


@pytest.fixture
def committed(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Rows that other threads can see. (To empty all tables is refused by the audit's trigger.)"""
    with django_db_blocker.unblock():
        yield
        for model in (Image, Blob, User):
            model.objects.all().delete()
        connections.close_all()


def test_the_same_picture_at_the_same_moment_is_decoded_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    runs = watched_decoder(monkeypatch)
    content, start = fresh(), threading.Barrier(4)
    people = [person(f"person-{number}") for number in range(2)] * 2

    def send(user: User) -> list[Image]:
        start.wait(10)
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
