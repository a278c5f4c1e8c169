"""A model without eyes is told what stands in a picture, read once and kept."""

import pytest
from PIL import Image as Picture
from PIL import ImageDraw, ImageFont

from conversations.attachments import blocking, ocr
from conversations.attachments.accept import accept
from conversations.attachments.confined import Died
from conversations.attachments.reader import Piece, in_lines, straightened
from conversations.models import Blob
from tests.features.images_kit import fresh, person, upload
from tests.pure.pictures import saved

needs_reader = pytest.mark.skipif(not ocr.available(), reason="rapidocr is not installed")


@pytest.fixture
def blob(db: None) -> Blob:
    return accept(person("ada"), [upload(bill())])[0].blob


def bill() -> bytes:
    picture = Picture.new("RGB", (900, 320), "white")
    draw, font = ImageDraw.Draw(picture), ImageFont.load_default(36)
    for row, (what, price) in enumerate([("Apples", "3.20"), ("Bread", "4.75"), ("Total", "7.95")]):
        draw.text((40, 40 + 90 * row), what, fill=0, font=font)
        draw.text((600, 43 + 90 * row), price, fill=0, font=font)
    return saved(picture, "PNG")


@needs_reader
def test_the_text_in_a_picture_is_read_line_by_line(blob: Blob) -> None:
    assert ocr.text_in(blob).splitlines() == ["Apples 3.20", "Bread 4.75", "Total 7.95"]
    assert Blob.objects.get(pk=blob.pk).ocr_text == blob.ocr_text


@needs_reader
def test_a_picture_without_text_is_read_once_too(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    blob = accept(person("ada"), [upload(fresh())])[0].blob
    assert ocr.text_in(blob) == ""
    assert Blob.objects.get(pk=blob.pk).ocr_text == ""
    monkeypatch.setattr(ocr.reader, "run", _dies)
    assert ocr.text_in(Blob.objects.get(pk=blob.pk)) == ""


def test_text_that_was_read_is_not_read_again(blob: Blob, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ocr.reader, "run", _dies)
    Blob.objects.filter(pk=blob.pk).update(ocr_text="Total 7.95")
    assert ocr.text_in(Blob.objects.get(pk=blob.pk)) == "Total 7.95"


def test_without_the_reader_there_is_no_text(blob: Blob, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ocr, "available", lambda: False)
    monkeypatch.setattr(ocr.reader, "run", _dies)
    assert ocr.text_in(blob) == ""
    assert Blob.objects.get(pk=blob.pk).ocr_text is None, "it can be read when there is a reader"


def test_a_reader_that_dies_is_not_asked_again_for_that_picture(
    blob: Blob, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ocr, "available", lambda: True)
    runs: list[object] = []

    def run(*what: object) -> None:
        runs.append(what)
        _dies()

    monkeypatch.setattr(ocr.reader, "run", run)
    assert [ocr.text_in(blob), ocr.text_in(blob)] == ["", ""]
    assert len(runs) == 1


def test_what_postgres_cannot_keep_is_left_out(blob: Blob, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ocr, "available", lambda: True)
    monkeypatch.setattr(ocr.reader, "run", lambda *_: {"text": "a\x00b\ud800 " + "c" * 30_000})
    assert ocr.text_in(blob).startswith("ab ccc")
    assert len(Blob.objects.get(pk=blob.pk).ocr_text or "") == ocr.CHARACTERS


def test_of_a_picture_that_is_blocked_meanwhile_no_word_is_kept(
    blob: Blob, monkeypatch: pytest.MonkeyPatch
) -> None:
    def run(*_: object) -> dict[str, str]:
        blocking.block(Blob.objects.get(pk=blob.pk))
        return {"text": "Total 7.95"}

    monkeypatch.setattr(ocr, "available", lambda: True)
    monkeypatch.setattr(ocr.reader, "run", run)
    assert ocr.text_in(blob) == ""
    assert Blob.objects.get(pk=blob.pk).ocr_text == ""


def test_pieces_are_put_in_the_order_of_reading() -> None:
    pieces = [
        Piece("right", left=300, top=12, bottom=40),
        Piece("below", left=10, top=60, bottom=90),
        Piece("left", left=10, top=10, bottom=42),
        Piece("slanted", left=150, top=20, bottom=52),
        Piece("and so on", left=200, top=66, bottom=80),
    ]
    assert in_lines(pieces) == "left slanted right\nbelow and so on"
    assert in_lines([]) == ""


@pytest.mark.parametrize("slope", [-0.1, 0.0, 0.1])
def test_on_a_bill_that_lies_askew_each_price_stays_with_its_line(slope: float) -> None:
    """Lines 34 pixels apart and 480 wide: at a slope of 0.1 the price is 40 off, a line and more."""
    names = [_askew(name, 20, 40 + 34 * nth, slope) for nth, name in enumerate("abc")]
    prices = [_askew(f"{nth},00", 420, 40 + 34 * nth, slope) for nth in range(3)]
    upwards = ("in the margin", [(520, 700), (520, 400), (550, 400), (550, 700)])
    lines = in_lines(straightened([*prices, *names, upwards])).splitlines()
    assert [line for line in lines if "margin" not in line] == ["a 0,00", "b 1,00", "c 2,00"]


def test_where_nothing_is_written_nothing_is_read() -> None:
    assert straightened([]) == []


def _askew(
    text: str, left: float, top: float, slope: float
) -> tuple[str, list[tuple[float, float]]]:
    corners = [(left, top), (left + 60, top), (left + 60, top + 26), (left, top + 26)]
    return text, [(x, y + slope * x) for x, y in corners]


def _dies(*what: object) -> None:
    raise Died(late=True)
