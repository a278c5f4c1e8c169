"""HEIC and AVIF: boxes that reach out of themselves, items of rare kinds, tiles without end."""

import struct

from tests.pure.heif import CONFIGURATION, PICTURE, Heic, box, full, ispe
from tests.pure.hostile.cases import DAMAGED, LARGE, TAKEN, each, hostile
from tests.pure.pictures import quarters, saved

START = box(b"ftyp", b"heic", bytes(4), b"mif1heic")


def avif() -> bytes:
    return saved(quarters(80, 40), "AVIF")


def resized(content: bytes, width: int, height: int) -> bytes:
    """Every size that it says it has."""
    place = content.index(b"ispe") + 8
    return content[:place] + struct.pack(">II", width, height) + content[place + 8 :]


def with_meta(*parts: bytes) -> bytes:
    return START + full(b"meta", *parts)


def listed(*kinds: bytes) -> bytes:
    items = [full(b"infe", bytes(4), kind, b"\0", version=2) for kind in kinds]
    return full(b"iinf", struct.pack(">H", len(items)), *items)


each("heic", {
    "of_30001_squared": lambda: Heic(said=(30_001, 30_001)).made(),
    "of_four_thousand_million_squared": lambda: Heic(said=(2**32 - 1, 2**32 - 1)).made(),
    "of_tiles_and_51_megapixels": lambda: Heic(columns=2, rows=2, said=(8_500, 6_000)).made(),
}, LARGE)  # fmt: skip
each("heic", {
    "of_0_by_0": lambda: Heic(said=(0, 0)).made(),
    "larger_than_its_picture": lambda: Heic(said=(7_000, 7_000)).made(),
    "smaller_than_its_picture": lambda: Heic(said=(8, 8)).made(),
    "whose_grid_is_larger_than_it_says": lambda: Heic(
        columns=2, rows=2, said=(128, 128), grid=(60_000, 60_000)
    ).made(),
    "of_fewer_tiles_than_it_needs": lambda: Heic(columns=2, rows=2, said=(4_000, 4_000)).made(),
    "of_thousands_of_tiles": lambda: Heic(columns=63, rows=47, said=(4_032, 3_008)).made(),
    "of_thousands_of_notes": lambda: Heic(more=[b"mime"] * 5_000).made(),
    "not_compressed": lambda: Heic(kind=b"unci").made(),
    "that_is_a_mask": lambda: Heic(kind=b"mski").made(),
    "that_is_a_jpeg": lambda: Heic(kind=b"jpeg").made(),
    "with_an_overlay": lambda: Heic(more=[b"iovl"]).made(),
    "without_a_list": lambda: START + box(b"mdat", PICTURE),
    "whose_list_is_empty": lambda: with_meta(listed()),
    "without_properties": lambda: with_meta(listed(b"hvc1")),
    "without_a_size": lambda: with_meta(listed(b"hvc1"), box(b"iprp", box(b"ipco"))),
    "with_two_lists": lambda: with_meta(listed(b"hvc1"), listed(b"hvc1")),
    "with_two_sets_of_properties": lambda: with_meta(
        listed(b"hvc1"), *[box(b"iprp", box(b"ipco", ispe(8, 8)))] * 2
    ),
    "with_a_size_and_nothing_else": lambda: with_meta(
        listed(b"hvc1"), box(b"iprp", box(b"ipco", ispe(8, 8)))
    ),
    "of_ten_thousand_empty_boxes": lambda: with_meta(box(b"free") * 10_000, listed(b"hvc1")),
    "whose_box_reaches_out": lambda: START + struct.pack(">I4s", 2**31, b"meta") + bytes(50),
    "whose_box_is_four_bytes_long": lambda: START + struct.pack(">I4s", 4, b"meta") + bytes(50),
    "whose_box_is_longer_than_any_disk": lambda: (
        START + struct.pack(">I4sQ", 1, b"meta", 2**64 - 1) + bytes(50)
    ),
    "of_boxes_in_boxes": lambda: START + nested(200),
    "of_items_of_an_old_kind": lambda: with_meta(
        full(b"iinf", b"\0\1", full(b"infe", bytes(4), b"hvc1", b"\0", version=0))
    ),
    "whose_picture_is_noise": lambda: Heic().made().replace(PICTURE[6:], bytes(range(len(PICTURE) - 6))),
    "whose_picture_is_nowhere": lambda: Heic().made()[: -len(PICTURE)],
    "whose_settings_are_noise": lambda: Heic().made().replace(CONFIGURATION[23:], b"\xff" * 89),
}, DAMAGED)  # fmt: skip


def nested(depth: int) -> bytes:
    inner = b""
    for _level in range(depth):
        inner = full(b"meta", inner)
    return inner


@hostile(TAKEN)
def heic_with_a_page_behind_it() -> bytes:
    return Heic().made() + b"<script>alert(1)</script>"


@hostile(TAKEN, DAMAGED)
def heic_with_notes_of_noise() -> bytes:
    return Heic(notes=b"MM\0*\xff\xff\xff\xff" + bytes(500)).made()


@hostile(DAMAGED)
def heic_that_says_it_is_an_avif() -> bytes:
    return Heic().made().replace(b"ftypheic", b"ftypavif")


each("heic_cut_at", {
    str(length): lambda length=length: Heic().made()[:length]  # type: ignore[misc]
    for length in (12, 28, 40, 100, 200, 300, 380, 400)
}, DAMAGED)  # fmt: skip
each("avif", {
    "of_65000_squared": lambda: resized(avif(), 65_000, 65_000),
    "of_51_million": lambda: resized(avif(), 8_500, 6_000),
}, LARGE)  # fmt: skip
each("avif", {
    "of_0_by_0": lambda: resized(avif(), 0, 0),
    "whose_picture_is_noise": lambda: avif()[:-30] + bytes(range(30)),
    "with_the_body_of_a_heic": lambda: avif().replace(b"av01", b"hvc1"),
}, DAMAGED)  # fmt: skip


@hostile(TAKEN, DAMAGED)
def avif_larger_than_its_picture() -> bytes:
    return resized(avif(), 3_000, 3_000)


each("avif_cut_at", {
    str(length): lambda length=length: avif()[:length]  # type: ignore[misc]
    for length in (12, 30, 60, 120, 200, 280)
}, DAMAGED)  # fmt: skip
