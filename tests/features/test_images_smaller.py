"""A model gets a picture no larger than it looks at it; the copy is made once and goes with the picture."""

import secrets
from base64 import b64decode
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.utils import timezone
from PIL import Image as Picture

from conversations.attachments import leaving, smaller, storage
from conversations.attachments.accept import accept
from conversations.attachments.confined import Died
from conversations.attachments.images import data_url, sign, stored_bytes
from conversations.models import Blob, LanguageModel
from conversations.provider import catalogue
from conversations.runs import prompt
from tests.features.images_kit import person, upload
from tests.harness.people import Person
from tests.pure.pictures import PLACE, corners, noted, quarters, saved
from tests.stub_provider import Model


@pytest.fixture
def blob(db: None) -> Blob:
    """One that no other test has: in its corner is a patch of a random colour."""
    picture = quarters(1200, 800)
    picture.paste(tuple(secrets.randbelow(256) for _ in range(3)), (0, 0, 60, 60))
    content = saved(picture, "JPEG", exif=noted(1))
    return accept(person("ada"), [upload(content)])[0].blob


def runs(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    seen: list[Path] = []
    real = smaller.shrinker.run

    def run(source: Any, folder: Path, *wishes: str) -> dict[str, Any]:
        seen.append(folder)
        return real(source, folder, *wishes)

    monkeypatch.setattr(smaller.shrinker, "run", run)
    return seen


def sent(url: str) -> bytes:
    return b64decode(url.partition(",")[2])


def test_a_copy_is_made_once_and_kept(blob: Blob, monkeypatch: pytest.MonkeyPatch) -> None:
    made = runs(monkeypatch)
    first, again = data_url(blob, 512), data_url(blob, 512)
    assert first == again
    assert len(made) == 1
    assert first.startswith("data:image/jpeg;base64,")
    picture = Picture.open(BytesIO(sent(first)))
    assert picture.size == (512, 341)
    assert corners(picture) == ["red", "green", "blue", "white"]
    assert PLACE not in sent(first)
    assert not dict(picture.getexif())


def test_a_transparent_picture_stays_transparent(db: None) -> None:
    image = quarters(600, 300)
    image.putalpha(100)
    [stored] = accept(person("ada"), [upload(saved(image, "PNG"))])
    url = data_url(stored.blob, 512)
    assert url.startswith("data:image/png;")
    assert Picture.open(BytesIO(sent(url))).mode == "RGBA"


def test_what_is_small_enough_is_sent_as_it_is(blob: Blob, monkeypatch: pytest.MonkeyPatch) -> None:
    made = runs(monkeypatch)
    for side in (None, 1568):
        assert sent(data_url(blob, side)) == stored_bytes(blob.name)
    assert not made


def test_a_copy_that_cannot_be_made_is_done_without(
    blob: Blob, monkeypatch: pytest.MonkeyPatch
) -> None:
    def dies(*_what: object) -> None:
        raise Died(late=True)

    monkeypatch.setattr(smaller.shrinker, "run", dies)
    assert sent(data_url(blob, 512)) == stored_bytes(blob.name)


def test_of_a_blocked_picture_no_copy_is_sent_that_was_made_before(blob: Blob) -> None:
    data_url(blob, 512)
    blob.blocked = True
    assert sent(data_url(blob, 512)) == sign()


def test_copies_go_with_the_picture(blob: Blob) -> None:
    data_url(blob, 512)
    data_url(blob, 768)
    names = [blob.name, *(storage.copy_name(blob.name, side) for side in (512, 768))]
    assert all(default_storage.exists(name) for name in names)
    leaving.forget([image.pk for image in blob.images.all()], before=timezone.now())
    assert not any(default_storage.exists(name) for name in names)


def test_a_copy_is_no_orphan_while_its_picture_is_there(blob: Blob) -> None:
    data_url(blob, 512)
    names = [blob.name, blob.thumbnail_name, storage.copy_name(blob.name, 512)]
    assert leaving.without_row(names) == []
    Blob.objects.filter(pk=blob.pk).update(name="aa/other.jpg")
    assert leaving.without_row(names) == [names[0], names[2]]


def test_of_a_picture_that_went_meanwhile_no_copy_is_kept(blob: Blob) -> None:
    gone = Blob(name=blob.name, width=blob.width, height=blob.height)
    assert smaller.copy_of(gone, 512)
    assert not default_storage.exists(storage.copy_name(blob.name, 512))


@pytest.mark.parametrize(("detail", "width"), [("low", 512), ("high", 768), ("auto", 768)])
def test_a_model_is_sent_what_it_looks_at(blob: Blob, detail: str, width: int) -> None:
    LanguageModel.objects.update(picture_side=768)
    catalogue.forget()
    model = catalogue.default_model()
    named = {"type": "image_url", "image_url": {"url": blob, "detail": detail}}
    [message] = prompt._with_pictures([{"role": "user", "content": [named]}], {}, model)
    [part] = message["content"]
    assert Picture.open(BytesIO(sent(part["image_url"]["url"]))).width == width
    assert part["image_url"]["detail"] == detail


def test_low_detail_sends_the_small_copy_over_the_wire(ada: Person, model: Model) -> None:
    item = ada.upload(saved(quarters(900, 600), "JPEG", exif=noted(1)))
    script = model.will_say("Small.")
    ada.ask(script, images=[item["id"]], options={"detail": "low"})
    *_, question = script.request.messages
    [part] = [part for part in question["content"] if part["type"] == "image_url"]
    picture = Picture.open(BytesIO(sent(part["image_url"]["url"])))
    assert (picture.size, part["image_url"]["detail"]) == ((512, 341), "low")
    assert PLACE not in sent(part["image_url"]["url"])
