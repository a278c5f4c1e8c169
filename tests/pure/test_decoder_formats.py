"""HEIC, AVIF, BMP and TIFF: what their headers say, and what becomes of them."""

import struct
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageCms, ImageOps

from conversations.attachments import boxes, header
from conversations.errors import UnsupportedImage
from tests.pure.heif import TEN_BITS, Heic
from tests.pure.pictures import PLACE, SCRIPT, corners, noted, quarters, saved, swapped_profile
from tests.pure.test_decoder import Made

UPRIGHT = ["red", "green", "blue", "white"]
NEW = ["AVIF", "BMP", "TIFF"]


def read(content: bytes) -> header.Header:
    return header.read(BytesIO(content))


@pytest.mark.parametrize("kind", NEW)
def test_each_new_format_tells_its_size_and_is_taken(kind: str, tmp_path: Path) -> None:
    content = saved(quarters(80, 40), kind)
    assert read(content) == header.Header(kind, 80, 40)
    made = Made(content, tmp_path)
    assert corners(made.image) == UPRIGHT
    assert made.type == ("JPEG" if kind == "AVIF" else "PNG")
    assert (made.facts["original_width"], made.facts["original_height"]) == (80, 40)


def test_a_heic_is_taken(tmp_path: Path) -> None:
    assert read(Heic().made()) == header.Header("HEIF", 64, 64)
    assert read(Heic().made()).content_type == "image/heif"
    assert corners(Made(Heic().made(), tmp_path).image) == UPRIGHT


def test_a_heic_of_tiles_as_telephones_make_it_is_one_picture(tmp_path: Path) -> None:
    content = Heic(columns=4, rows=3, said=(250, 180)).made()
    assert read(content) == header.Header("HEIF", 250, 180)
    made = Made(content, tmp_path)
    assert made.image.size == (250, 180)
    tile = made.image.crop((64, 64, 128, 128))
    assert corners(tile) == UPRIGHT


@pytest.mark.parametrize(("turned", "expected"), [
    (1, ["green", "white", "red", "blue"]),
    (2, ["white", "blue", "green", "red"]),
    (3, ["blue", "red", "white", "green"]),
])  # fmt: skip
@pytest.mark.parametrize("orientation", [1, 6, 8])
def test_a_heic_is_turned_once_whatever_its_notes_say_too(
    turned: int, expected: list[str], orientation: int, tmp_path: Path
) -> None:
    """Telephones write both, and mean one."""
    content = Heic(turned=turned, notes=noted(orientation).tobytes()).made()
    assert PLACE in content
    made = Made(content, tmp_path)
    assert corners(made.image) == expected
    assert PLACE not in made.bytes


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["AVIF", "TIFF"])
def test_they_are_turned_upright_once_and_their_notes_are_gone(
    kind: str, orientation: int, tmp_path: Path
) -> None:
    content = saved(quarters(80, 40), kind, exif=noted(orientation))
    assert PLACE in content
    upright = ImageOps.exif_transpose(_as_held(kind, orientation))
    made = Made(content, tmp_path)
    assert corners(made.image) == corners(upright)
    assert made.image.size == upright.size
    assert (made.facts["original_width"], made.facts["original_height"]) == upright.size
    assert PLACE not in made.bytes + (tmp_path / "thumbnail").read_bytes()


def _as_held(kind: str, orientation: int) -> Image.Image:
    """A JPEG says the same, and other tests know how it is turned."""
    return Image.open(BytesIO(saved(quarters(80, 40), "JPEG", exif=noted(orientation))))


def test_a_heic_of_ten_bits_becomes_one_of_eight(tmp_path: Path) -> None:
    colour: Any = Made(TEN_BITS, tmp_path).image.getpixel((30, 30))
    assert all(abs(one - two) <= 3 for one, two in zip(colour, (255, 0, 128), strict=True))


def test_the_profile_of_a_heic_is_honoured(tmp_path: Path) -> None:
    made = Made(Heic(profile=swapped_profile()).made(), tmp_path)
    assert corners(made.image) == ["green", "red", "blue", "white"]


@pytest.mark.parametrize("kind", ["AVIF", "TIFF"])
def test_the_profile_of_others_is_honoured(kind: str, tmp_path: Path) -> None:
    made = Made(saved(quarters(), kind, icc_profile=swapped_profile()), tmp_path)
    assert corners(made.image) == ["green", "red", "blue", "white"]


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "RGBA", "CMYK", "LAB"])
def test_every_kind_of_tiff_is_read(mode: str, tmp_path: Path) -> None:
    made = Made(saved(_in_mode(mode), "TIFF"), tmp_path)
    assert made.image.mode in ("L", "RGB")
    if mode not in ("1", "L"):
        assert corners(made.image) == UPRIGHT


def _in_mode(mode: str) -> Image.Image:
    if mode != "LAB":
        return quarters(mode=mode)
    srgb, lab = ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB")
    converted = ImageCms.profileToProfile(quarters(), srgb, lab, outputMode="LAB")
    assert converted is not None
    return converted


@pytest.mark.parametrize(("mode", "scale"), [("I;16", 257), ("I", 100_000), ("F", 1 / 255)])
def test_greys_of_many_steps_become_eight_bits(mode: str, scale: float, tmp_path: Path) -> None:
    steps = [0, 64, 128, 192, 255]
    image = Image.new(mode, (5, 1))
    for x, step in enumerate(steps):
        image.putpixel((x, 0), type(scale)(step * scale))
    made = Made(saved(image, "TIFF"), tmp_path)
    for x, step in enumerate(steps):
        grey: Any = made.image.getpixel((x, 0))
        assert abs(grey - step) <= 1


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("form", ["H", "I"])
def test_a_tiff_tells_its_size_in_both_orders(order: str, form: str) -> None:
    assert read(tiff([(256, form, 70), (257, form, 50)], order=order)).width == 70


def tiff(tags: list[tuple[int, str, int]], *, order: str = "<", next_list: int = 0) -> bytes:
    """The first list of a TIFF and nothing behind it."""
    start = (b"II" if order == "<" else b"MM") + struct.pack(order + "HI", 42, 8)
    entries = [
        struct.pack(f"{order}HHI{form}", tag, 3 if form == "H" else 4, 1, value).ljust(12, b"\0")
        for tag, form, value in tags
    ]
    return b"".join([
        start, struct.pack(order + "H", len(tags)), *entries, struct.pack(order + "I", next_list),
    ])  # fmt: skip


@pytest.mark.parametrize("kind", ["TIFF", "AVIF"])
def test_of_several_pages_or_frames_the_first_is_kept(kind: str, tmp_path: Path) -> None:
    others = [Image.new("RGB", (80, 40), colour) for colour in ("blue", "red")]
    made = Made(saved(quarters(80, 40), kind, save_all=True, append_images=others), tmp_path)
    assert corners(made.image) == UPRIGHT


@pytest.mark.parametrize("compression", ["tiff_lzw", "tiff_deflate", "jpeg", "packbits", "zstd"])
def test_a_compressed_tiff_is_read(compression: str, tmp_path: Path) -> None:
    made = Made(saved(quarters(), "TIFF", compression=compression), tmp_path)
    assert corners(made.image) == UPRIGHT


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "RGBA"])
def test_every_kind_of_bmp_is_read(mode: str, tmp_path: Path) -> None:
    assert Made(saved(quarters(mode=mode), "BMP"), tmp_path).type == "PNG"


def test_a_bmp_with_the_first_row_on_top_is_the_right_way_up(tmp_path: Path) -> None:
    content = bytearray(saved(quarters(80, 40), "BMP"))
    content[22:26] = struct.pack("<i", -40)
    assert read(bytes(content)).height == 40
    assert corners(Made(bytes(content), tmp_path).image) == ["blue", "white", "red", "green"]


def test_the_oldest_bmp_is_read(tmp_path: Path) -> None:
    rows = bytes([0, 0, 255] * 4) * 2
    start = b"BM" + struct.pack("<IHHI", 26 + len(rows), 0, 0, 26)
    content = start + struct.pack("<IHHHH", 12, 4, 2, 1, 24) + rows
    assert read(content) == header.Header("BMP", 4, 2)
    assert Made(content, tmp_path).image.getpixel((1, 1)) == (255, 0, 0)


def test_an_avif_keeps_its_alpha(tmp_path: Path) -> None:
    image = quarters()
    image.putalpha(100)
    assert Made(saved(image, "AVIF"), tmp_path).type == "PNG"


@pytest.mark.parametrize("content", [saved(quarters(), "TIFF"), saved(quarters(), "BMP"),
                                     saved(quarters(), "AVIF"), Heic().made()])  # fmt: skip
def test_what_stands_behind_the_picture_is_gone(content: bytes, tmp_path: Path) -> None:
    made = Made(content + SCRIPT, tmp_path)
    assert SCRIPT not in made.bytes + (tmp_path / "thumbnail").read_bytes()


def test_an_installation_without_heic_says_what_it_takes(monkeypatch: Any) -> None:
    monkeypatch.setattr(boxes, "takes_heic", lambda: False)
    with pytest.raises(UnsupportedImage, match="HEIC") as refusal:
        read(Heic().made())
    assert "AVIF" in str(refusal.value)
    assert read(saved(quarters(), "AVIF")).format == "AVIF"


@pytest.mark.parametrize("kind", [b"unci", b"mski", b"jpeg", b"j2k1", b"vvc1"])
def test_a_heic_of_a_rare_kind_is_refused_before_any_decoder(kind: bytes) -> None:
    with pytest.raises(UnsupportedImage, match="rare kind"):
        read(Heic(kind=kind).made())
    with pytest.raises(UnsupportedImage, match="rare kind"):
        read(Heic(more=[kind]).made())


def test_a_heic_of_thousands_of_items_is_refused_before_any_decoder() -> None:
    assert read(Heic(more=[b"mime"] * 900).made()).width == 64
    with pytest.raises(UnsupportedImage, match="rare kind"):
        read(Heic(more=[b"mime"] * 1_100).made())


@pytest.mark.parametrize("tag", [273, 324])
def test_a_tiff_of_a_million_pieces_is_refused_before_any_decoder(tag: int) -> None:
    content = bytearray(tiff([(256, "I", 70), (257, "I", 50), (tag, "I", 8)]))
    content[-12:-8] = struct.pack("<I", 1_000_000)
    with pytest.raises(UnsupportedImage, match="pieces"):
        read(bytes(content))
