"""What a person's pictures may take up: held at every door, however many come at once."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.files.base import ContentFile
from django.db import connections
from pytest_django import DjangoDbBlocker

from conversations.attachments import accept as door
from conversations.attachments.room import MB, room_of
from conversations.errors import TooLarge
from conversations.models import Blob, Image, User
from tests.features.exports_kit import bring, left, node, talk, zipped
from tests.features.images_kit import fresh, person, upload
from tests.harness.database import Ground
from tests.harness.people import Person

FACTS = {
    "content_type": "image/jpeg", "width": 4, "height": 4, "original_width": 4, "original_height": 4,
}  # fmt: skip
AT_ONCE = 64


def files() -> set[Path]:
    return {path for path in (settings.DATA_DIR / "files").rglob("*") if path.is_file()}


@pytest.fixture
def quick_decoder(monkeypatch: pytest.MonkeyPatch) -> None:
    """Makes a quarter of a megabyte of anything, at once."""

    def run(source: Any, folder: Path) -> dict[str, Any]:
        name = folder.parent.name.encode() + folder.name.encode()
        (folder / "full").write_bytes(name.ljust(MB // 4, b"\0"))
        (folder / "thumbnail").write_bytes(b"RIFF" + name)
        return FACTS

    monkeypatch.setattr(door.decoder, "run", run)


@pytest.fixture
def ben(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[User]:
    """Somebody with two megabytes, whose rows other threads can see."""
    with django_db_blocker.unblock():
        yield person("ben", room=2)
        for model in (Image, Blob, User):
            model.objects.all().delete()
        connections.close_all()


@pytest.mark.usefixtures("quick_decoder")
def test_many_pictures_at_once_never_pass_the_room_there_is(ben: User) -> None:
    before, start = files(), threading.Barrier(16)
    taken: list[Image] = []

    def send(_number: int) -> str:
        try:
            taken.extend(door.accept(ben, [upload(fresh())]))
            return "taken"
        except TooLarge as refusal:
            return str(refusal)
        finally:
            connections.close_all()

    def sends(number: int) -> list[str]:
        start.wait(30)
        return [send(number) for _ in range(AT_ONCE // 16)]

    with ThreadPoolExecutor(16) as threads:
        said = [one for some in threads.map(sends, range(16)) for one in some]
    assert said.count("taken") == len(taken) == 8
    assert room_of(ben).used == room_of(ben).allowed == 2 * MB
    refused = {one.replace("\xa0", " ") for one in said} - {"taken"}
    assert all("2.0 MB of 2.0 MB" in one for one in refused) and refused
    assert len(files() - before) == 16, "a refusal leaves no file"


@pytest.mark.django_db
@pytest.mark.usefixtures("quick_decoder")
def test_what_is_there_already_takes_up_no_more() -> None:
    first, ben = fresh(), person("ben", room=2)
    some = [first, *(fresh() for _ in range(7))]
    kept = door.accept(ben, [upload(content) for content in some])
    assert door.accept(ben, [upload(first), upload(first)]) == [kept[0]] * 2
    with pytest.raises(TooLarge):
        door.accept(ben, [upload(first), upload(fresh())])
    User.objects.filter(pk=ben.pk).update(room=0)
    door.accept(ben, [ContentFile(fresh())])  # 0: as much as there is
    assert room_of(ben).allowed is None


def test_a_full_room_is_said_with_how_full_it_is(ada: Person, ground: Ground) -> None:
    item = ada.upload(fresh())
    everything = ada.api("GET", "me")["storage"]
    assert everything == {"used": item["bytes"], "allowed": 1024 * MB}
    sizes = Blob.objects.filter(images=item["id"])
    ground.run(lambda: (sizes.update(bytes=MB), User.objects.filter(pk=ada.id).update(room=1)))
    file = {"file": ("a.png", fresh(), "image/png")}
    error = ada.api("POST", "images", files=file, expect=413)["error"]
    assert error["code"] == "too_large"
    assert "1.0 MB of 1.0 MB" in error["message"].replace("\xa0", " ")
    page = ada.http.get("/settings/").text.replace("\xa0", " ")
    assert "Your pictures take up 1.0 MB of 1.0 MB." in page
    ada.api("DELETE", f"images/{item['id']}", expect=204)
    assert ada.api("GET", "me")["storage"] == {"used": 0, "allowed": MB}
    ada.api("POST", "images", files=file, expect=201)


def test_a_copy_of_a_shared_conversation_needs_room_too(
    ada: Person, cleo: Person, ground: Ground, model: Any
) -> None:
    item = ada.upload(fresh())
    talk = ada.ask(model.will_say("A dot."), images=[item["id"]]).conversation
    shared = {"conversation": talk, "images": True}
    url = ada.api("POST", "shares", json=shared, expect=201)["url"]
    sizes = Blob.objects.filter(images=item["id"])
    ground.run(lambda: (sizes.update(bytes=MB + 1), User.objects.filter(pk=cleo.id).update(room=1)))
    path = "/" + url.partition("://")[2].partition("/")[2]
    assert cleo.http.post(f"{path}copy/").status_code == 413
    assert cleo.api("GET", "conversations")["items"] == []
    ground.run(lambda: User.objects.filter(pk=cleo.id).update(room=2))
    assert cleo.http.post(f"{path}copy/").status_code == 302
    assert cleo.api("GET", "me")["storage"]["used"] == MB + 1


def test_an_import_says_for_which_pictures_there_was_no_room(ada: Person, ground: Ground) -> None:
    item = ada.upload(fresh())
    sizes = Blob.objects.filter(images=item["id"])
    ground.run(lambda: (sizes.update(bytes=MB), User.objects.filter(pk=ada.id).update(room=1)))
    part = {"content_type": "image_asset_pointer", "asset_pointer": "file-service://file-Abc000000"}
    words = {"content_type": "multimodal_text", "parts": [part, "?"]}
    said = talk(node("q", None, "user", content=words))
    job = bring(ada, zipped({"conversations.json": [said], "file-Abc000000.png": fresh()}))
    assert (job["imported"], left(job)) == (1, {"pictures_without_room": 1})
