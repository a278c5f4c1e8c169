"""Pictures come in whole, once, or not at all."""

import zlib
from base64 import b64decode
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import TemporaryUploadedFile

from conversations.attachments import accept as door
from conversations.attachments import storage
from conversations.attachments.accept import accept
from conversations.attachments.confined import Died
from conversations.attachments.images import data_url, image_object, stored_bytes
from conversations.attachments.turns import Turns
from conversations.errors import Invalid, Refusal, TooLarge, Unavailable, UnsupportedImage
from conversations.models import Blob, Image, User
from conversations.reading.moments import when
from tests.features.images_kit import fresh, person, upload, watched_decoder
from tests.harness.pictures import png
from tests.pure.pictures import PLACE, SCRIPT, bomb, noted, quarters, saved

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada() -> User:
    return person("ada")


@pytest.fixture
def ben() -> User:
    return person("ben")


def files() -> set[str]:
    return {str(path) for path in Path(settings.DATA_DIR).rglob("*") if path.is_file()}


@pytest.fixture
def nothing_stored() -> Iterator[None]:
    """The test leaves no file and no row."""
    before = files()
    yield
    assert files() == before
    assert not Blob.objects.exists()
    assert not Image.objects.exists()


def test_a_picture_is_stored_with_a_thumbnail_and_its_facts(ada: User) -> None:
    content = saved(quarters(3000, 1500), "JPEG", exif=noted(6))
    [image] = accept(ada, [upload(content, "holiday.gif", "image/gif")])
    blob = Blob.objects.get()
    assert image.owner == ada
    assert (blob.width, blob.height, blob.content_type) == (1024, 2048, "image/jpeg")
    assert (blob.original_width, blob.original_height) == (1500, 3000)
    assert (blob.original_type, blob.original_bytes) == ("image/jpeg", len(content))
    assert blob.bytes == len(stored_bytes(blob.name))
    assert blob.ocr_text is None
    assert stored_bytes(blob.thumbnail_name)[8:12] == b"WEBP"
    assert image_object(image) == {
        "id": str(image.pk), "width": 1024, "height": 2048, "bytes": blob.bytes,
        "content_type": "image/jpeg", "url": f"/images/{image.pk}/",
        "thumbnail_url": f"/images/{image.pk}/thumbnail/", "alt": "", "source": "", "blocked": False,
        "created_at": when(image.created_at),
    }  # fmt: skip


def test_what_was_uploaded_is_nowhere_on_disk(ada: User) -> None:
    content = saved(quarters(), "JPEG", exif=noted(1)) + SCRIPT
    accept(ada, [upload(content)])
    for path in files():
        stored = Path(path).read_bytes()
        assert PLACE not in stored
        assert SCRIPT not in stored
        assert Path(path).stat().st_mode & 0o077 == 0
    assert not list((Path(settings.DATA_DIR) / "tmp").iterdir())


def test_the_provider_gets_exactly_the_stored_bytes(ada: User) -> None:
    [image] = accept(ada, [upload(fresh())])
    start, _, encoded = data_url(image.blob).partition(",")
    assert start == f"data:{image.blob.content_type};base64"
    assert b64decode(encoded, validate=True) == stored_bytes(image.blob.name)


def test_the_same_picture_twice_is_one(
    ada: User, ben: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs = watched_decoder(monkeypatch)
    content = fresh()
    [first, again] = accept(ada, [upload(content, "a.png"), upload(content, "b.png")])
    [later] = accept(ada, [upload(content)])
    [bens] = accept(ben, [upload(content)])
    assert first == again == later
    assert bens != first
    assert bens.blob == first.blob
    assert len(runs) == Blob.objects.count() == 1


def test_another_process_that_was_faster_is_no_error(
    ada: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its row appears after we looked for one: the unique constraint decides, its row is used."""
    content, real = fresh(), door._unknown
    theirs: list[Image] = []

    def late(arrived: list[door.Arrived]) -> list[door.Arrived]:
        found = real(arrived)
        monkeypatch.setattr(door, "_unknown", real)
        monkeypatch.setattr(door, "turns", Turns())
        theirs.extend(accept(ada, [upload(content)]))
        return found

    monkeypatch.setattr(door, "_unknown", late)
    assert accept(ada, [upload(content)]) == theirs
    assert Blob.objects.count() == 1


def test_ten_pictures_keep_their_order(ada: User) -> None:
    sizes = [(20 + number, 10) for number in range(10)]
    images = accept(ada, [upload(png(*size)) for size in sizes])
    assert [(image.blob.width, image.blob.height) for image in images] == sizes


@pytest.mark.usefixtures("nothing_stored")
def test_eleven_pictures_are_too_many(ada: User) -> None:
    with pytest.raises(Invalid, match="At most 10"):
        accept(ada, [upload(fresh()) for _ in range(11)])


@pytest.mark.parametrize("bad", [b"no picture", saved(quarters(300, 200), "JPEG")[:-300]])
@pytest.mark.usefixtures("nothing_stored")
def test_one_bad_file_of_ten_stops_all_and_is_named(ada: User, bad: bytes) -> None:
    contents = [fresh() for _ in range(10)]
    contents[6] = bad
    with pytest.raises(UnsupportedImage, match=r"^Picture 7 of 10: ") as refusal:
        accept(ada, [upload(content) for content in contents])
    assert refusal.value.fields == {"file": [str(refusal.value)]}


@pytest.mark.parametrize(
    ("content", "refusal", "word"),
    [
        (b"", UnsupportedImage, "empty"),
        (b"<svg onload='alert(1)'/>", UnsupportedImage, "SVG"),
        (b"Dear Sir or Madam", UnsupportedImage, "text"),
        (b"%PDF-1.7", UnsupportedImage, "PDF"),
        (saved(quarters(), "PNG")[:60], UnsupportedImage, "damaged"),
        (saved(quarters(), "JPEG")[:400], UnsupportedImage, "damaged"),
        (b"\xff\xd8\xff" + zlib.compress(b"x" * 5000), UnsupportedImage, "damaged"),
        (bomb(), TooLarge, "50 million"),
        (fresh() + bytes(20 * 1024 * 1024), TooLarge, "20 MB"),
    ],
    ids=["empty", "svg", "text", "pdf", "cut png", "cut jpeg", "noise", "bomb", "20 MB"],
)
@pytest.mark.usefixtures("nothing_stored")
def test_bad_files_are_refused_with_a_reason(
    ada: User, content: bytes, refusal: type[Refusal], word: str
) -> None:
    with pytest.raises(refusal, match=word):
        accept(ada, [upload(content)])


@pytest.mark.usefixtures("nothing_stored")
def test_a_file_that_lies_about_its_size_is_counted(ada: User) -> None:
    file = upload(fresh() + bytes(21 * 1024 * 1024))
    file.size = 10
    with pytest.raises(TooLarge):
        accept(ada, [file])


def test_a_file_that_django_put_on_disk_is_taken_too(ada: User) -> None:
    content = fresh()
    with TemporaryUploadedFile("a.png", "image/png", len(content), None) as file:
        file.write(content)
        file.seek(0)
        [image] = accept(ada, [file])
    assert image.blob.original_bytes == len(content)


@pytest.mark.parametrize(("late", "word"), [(True, "too much work"), (False, "damaged")])
@pytest.mark.usefixtures("nothing_stored")
def test_a_decoder_that_dies_harms_nobody(
    ada: User, late: bool, word: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def dies(source: Any, folder: Path) -> dict[str, Any]:
        raise Died(late=late)

    monkeypatch.setattr(door.decoder, "run", dies)
    with pytest.raises(UnsupportedImage, match=word):
        accept(ada, [upload(fresh())])


@pytest.mark.parametrize("said", [{"content_type": "text/html"}, {"width": -1}, {"height": "9"}])
@pytest.mark.usefixtures("nothing_stored")
def test_a_decoder_that_was_taken_over_is_not_believed(
    ada: User, said: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    real = door.decoder.run
    monkeypatch.setattr(door.decoder, "run", lambda *what: {**real(*what), **said})
    with pytest.raises(UnsupportedImage, match="damaged"):
        accept(ada, [upload(fresh())])


@pytest.mark.usefixtures("nothing_stored")
def test_a_full_disk_is_said_and_leaves_nothing(ada: User, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(self: Path, target: Path) -> Path:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(Unavailable, match="no room"):
        accept(ada, [upload(fresh())])


def test_what_a_killed_process_left_is_swept(ada: User, monkeypatch: pytest.MonkeyPatch) -> None:
    left = Path(settings.DATA_DIR) / "tmp" / "picture-left"
    left.mkdir(parents=True)
    (left / "full").write_bytes(b"half of a picture")
    accept(ada, [upload(fresh())])
    assert left.exists(), "somebody may still be at work in it"
    monkeypatch.setattr(storage, "STALE_SECONDS", -1)
    accept(ada, [upload(fresh())])
    assert not left.exists()
