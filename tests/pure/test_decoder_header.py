"""What a file is, and whether it is too large, is known before anything is decoded."""

import struct
from io import BytesIO

import pytest

from conversations.attachments import header
from conversations.errors import TooLarge, UnsupportedImage
from tests.pure.pictures import bomb, png, quarters, saved


def read(content: bytes) -> header.Header:
    return header.read(BytesIO(content))


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("JPEG", {}),
        ("JPEG", {"progressive": True}),
        ("PNG", {}),
        ("GIF", {}),
        ("WEBP", {}),
        ("WEBP", {"lossless": True}),
        ("WEBP", {"exif": b"Exif\0\0MM\0*\0\0\0\x08\0\0"}),
    ],
)
def test_each_format_tells_its_size(kind: str, options: dict[str, object]) -> None:
    found = read(saved(quarters(80, 41), kind, **options))
    assert found == header.Header(kind, 80, 41)
    assert found.content_type == f"image/{kind.lower()}"


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (b"", "empty"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "SVG"),
        (b"\xef\xbb\xbf  <?xml version='1.0'?><svg/>", "SVG"),
        (b"<!-- hello --><svg/>", "SVG"),
        (b"<html><script>alert(1)</script>", "web page"),
        (b"%PDF-1.7\n", "PDF"),
        (b"\0\0\0\x18ftypmif1\0\0\0\0mif1miaf", "HEIF"),
        (b"\0\0\0\x18ftypisom\0\0\0\0", "video"),
        (b"BMW makes cars, and this is about them.", "text"),
        (b"II+\0\x08\0\0\0", "BigTIFF"),
        (b"MM\0+\0\x08\0\0", "BigTIFF"),
        (b"PK\3\4", "archive"),
        (b"just words\n", "text"),
        (b"RIFF\x24\0\0\0WAVEfmt ", "not a picture"),
        (bytes(range(200)), "not a picture"),
    ],
)
def test_what_is_no_picture_is_refused_by_its_name(content: bytes, word: str) -> None:
    with pytest.raises(UnsupportedImage, match=word):
        read(content)


@pytest.mark.parametrize(
    ("kind", "signature", "enough"),
    [("JPEG", 3, 160), ("PNG", 8, 24), ("GIF", 6, 10), ("WEBP", 12, 30)],
)
def test_a_file_that_ends_inside_its_header_is_damaged(
    kind: str, signature: int, enough: int
) -> None:
    whole = saved(quarters(), kind)
    for length in range(signature, enough):
        with pytest.raises(UnsupportedImage, match="damaged"):
            read(whole[:length])


def test_the_pixels_of_a_bomb_are_counted_in_its_header() -> None:
    content = bomb()
    assert len(content) < 25_000
    with pytest.raises(TooLarge, match="13,000 × 13,000"):
        read(content)


@pytest.mark.parametrize(
    ("width", "height", "refusal"),
    [
        (1, 65_535, TooLarge),
        (30_001, 200, TooLarge),
        (10_000, 5_001, TooLarge),
        (2**31 - 1, 2**31 - 1, TooLarge),
        (1, 201, UnsupportedImage),
        (20_000, 99, UnsupportedImage),
        (0, 10, UnsupportedImage),
    ],
)
def test_sizes_that_nobody_can_use_are_refused(
    width: int, height: int, refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        read(png(width, height, b""))


@pytest.mark.parametrize("size", [(1, 1), (1, 200), (30_000, 1_600), (10_000, 5_000)])
def test_sizes_at_the_limits_are_taken(size: tuple[int, int]) -> None:
    assert read(png(*size, b"")).width == size[0]


def test_a_jpeg_of_nothing_but_segments_is_given_up_on() -> None:
    comments = b"\xff\xfe\0\2" * 1_000_000
    for filling in (comments, b"\xff" * 4_000_000, b"\0" * 4_000_000):
        with pytest.raises(UnsupportedImage, match="damaged"):
            read(b"\xff\xd8\xff\xfe\0\2" + filling)


def test_the_size_in_a_thumbnail_inside_the_notes_is_not_taken_for_the_pictures() -> None:
    inner = saved(quarters(16, 16), "JPEG")
    notes = b"\xff\xe1" + struct.pack(">H", len(inner) + 2) + inner
    whole = saved(quarters(80, 40), "JPEG")
    assert read(whole[:2] + notes + whole[2:]).width == 80
