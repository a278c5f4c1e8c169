"""BMP and TIFF: numbers at fixed places, which say what they like."""

import struct
import zlib

from tests.pure.hostile.cases import DAMAGED, LARGE, TAKEN, each, hostile
from tests.pure.pictures import quarters, saved

SHORT, LONG = 3, 4


def bmp(
    width: int, height: int, *, bits: int = 24, packed: int = 0, body: bytes = b"", colours: int = 0
) -> bytes:
    head = struct.pack(
        "<IiiHHIIIIII", 40, width, height, 1, bits, packed, len(body), 0, 0, colours, 0
    )
    palette = bytes(4 << bits) if bits <= 8 and not colours else b""
    offset = 14 + len(head) + len(palette)
    return b"BM" + struct.pack("<IHHI", offset + len(body), 0, 0, offset) + head + palette + body


def tiff(
    *tags: tuple[int, int, int, int], order: str = "<", body: bytes = b"", following: int = 0
) -> bytes:
    """One list of tags; `following` says where the next one is."""
    start = (b"II" if order == "<" else b"MM") + struct.pack(order + "HI", 42, 8)
    entries = b"".join(_entry(order, *tag) for tag in sorted(tags))
    return (
        start
        + struct.pack(order + "H", len(tags))
        + entries
        + struct.pack(order + "I", following)
        + body
    )


def _entry(order: str, tag: int, kind: int, count: int, value: int) -> bytes:
    form = "H" if kind == SHORT and count == 1 else "I"
    return struct.pack(order + "HHI" + form, tag, kind, count, value).ljust(12, b"\0")


def grey(width: int = 8, height: int = 8, *more: tuple[int, int, int, int], body: bytes = bytes(64),
         following: int = 0) -> bytes:  # fmt: skip
    """A picture of one strip, and whatever `more` says instead of what is usual."""
    usual = {
        256: (LONG, 1, width), 257: (LONG, 1, height), 258: (SHORT, 1, 8), 259: (SHORT, 1, 1),
        262: (SHORT, 1, 1), 273: (LONG, 1, 0), 277: (SHORT, 1, 1), 278: (LONG, 1, height),
        279: (LONG, 1, len(body)),
    }  # fmt: skip
    usual |= {number: rest for number, *rest in more}  # type: ignore[misc]
    place = 8 + 2 + 12 * len(usual) + 4
    if usual[273][1] == 1:
        usual[273] = (LONG, 1, usual[273][2] or place)
    return tiff(
        *((number, *rest) for number, rest in usual.items()), body=body, following=following
    )


each("bmp", {
    "of_30001_squared": lambda: bmp(30_001, 30_001),
    "of_51_million": lambda: bmp(8_500, 6_000),
    "of_the_least_number_for_a_height": lambda: bmp(100, -(2**31)),
}, LARGE)  # fmt: skip
each("bmp", {
    "of_0_by_0": lambda: bmp(0, 0),
    "of_less_than_nothing": lambda: bmp(-8, 8, body=bytes(500)),
    "of_50_million_without_a_picture": lambda: bmp(10_000, 5_000),
    "of_three_bits": lambda: bmp(8, 8, bits=3, body=bytes(500)),
    "that_holds_a_jpeg": lambda: bmp(8, 8, packed=4, body=saved(quarters(), "JPEG")),
    "with_four_thousand_million_colours": lambda: bmp(8, 8, bits=8, colours=2**32 - 1, body=bytes(99)),
    "without_rows": lambda: bmp(80, 40, body=bytes(10)),
    "cut_in_its_header": lambda: bmp(8, 8)[:30],
    "of_runs_that_end_at_once": lambda: bmp(7_000, 7_000, bits=8, packed=1, body=b"\0\1"),
}, DAMAGED, TAKEN)  # fmt: skip


@hostile(TAKEN, DAMAGED)
def bmp_of_runs_that_leap() -> bytes:
    """Each of them goes 255 pixels to the right and 255 rows on."""
    return bmp(2_000, 2_000, bits=8, packed=1, body=b"\0\2\xff\xff" * 50_000 + b"\0\1")


@hostile(TAKEN, DAMAGED)
def bmp_of_nine_megapixels_in_few_bytes() -> bytes:
    return bmp(3_000, 3_000, bits=8, packed=1, body=b"\xff\x07" * 40_000 + b"\0\1")


@hostile(TAKEN)
def bmp_with_a_page_behind_it() -> bytes:
    return saved(quarters(), "BMP") + b"<script>alert(1)</script>"


each("tiff", {
    "of_30001_squared": lambda: grey(30_001, 30_001),
    "of_four_thousand_million_squared": lambda: grey(2**32 - 1, 2**32 - 1),
    "of_51_million": lambda: grey(8_500, 6_000),
}, LARGE)  # fmt: skip
each("tiff", {
    "of_0_by_0": lambda: grey(0, 0),
    "of_a_million_strips": lambda: grey(8, 8, (273, LONG, 1_000_000, 8), (279, LONG, 1_000_000, 8)),
    "of_a_million_tiles": lambda: grey(8, 8, (324, LONG, 1_000_000, 8), (325, LONG, 1_000_000, 8)),
    "of_65535_tags": lambda: b"II*\0\x08\0\0\0\xff\xff" + bytes(12 * 65_535),
    "whose_list_is_nowhere": lambda: b"II*\0\xff\xff\xff\x7f" + bytes(100),
    "whose_list_is_its_beginning": lambda: b"MM\0*\0\0\0\0" + bytes(100),
    "whose_size_is_a_text": lambda: grey(8, 8, (256, 2, 1, 8)),
    "whose_size_is_a_list": lambda: grey(8, 8, (256, LONG, 99, 8)),
    "without_a_size": lambda: tiff((258, SHORT, 1, 8)),
    "whose_picture_is_nowhere": lambda: grey(8, 8, (273, LONG, 1, 2**31)),
    "of_64_bits": lambda: grey(8, 8, (258, SHORT, 1, 64)),
    "of_65535_colours": lambda: grey(8, 8, (277, SHORT, 1, 65_535)),
    "packed_in_no_known_way": lambda: grey(8, 8, (259, SHORT, 1, 34_892)),
    "packed_as_noise": lambda: grey(8, 8, (259, SHORT, 1, 5), body=bytes(range(64))),
    "of_50_million_without_a_picture": lambda: grey(10_000, 5_000),
    "of_50_million_packed_in_nothing": lambda: grey(10_000, 5_000, (259, SHORT, 1, 8), body=b"x"),
}, DAMAGED)  # fmt: skip


@hostile(TAKEN)
def tiff_whose_lists_are_a_ring() -> bytes:
    return grey(following=8)


@hostile(TAKEN, DAMAGED)
def tiff_of_tiles_as_large_as_a_country() -> bytes:
    sides = ((322, LONG, 1, 2**31), (323, LONG, 1, 2**31))
    return grey(8, 8, *sides, (324, LONG, 1, 8), (325, LONG, 1, 8))


@hostile(TAKEN, DAMAGED)
def tiff_with_a_thousand_times_its_picture() -> bytes:
    return grey(8, 8, (259, SHORT, 1, 8), body=zlib.compress(bytes(16 * 1024 * 1024), 9))


@hostile(TAKEN)
def tiff_with_a_page_in_its_notes() -> bytes:
    return saved(quarters(), "TIFF", description="<script>alert(1)</script>")


each("tiff_cut_at", {
    str(length): lambda length=length: saved(quarters(), "TIFF")[:length]  # type: ignore[misc]
    for length in (5, 8, 20, 60, 200, 5_000)
}, DAMAGED)  # fmt: skip
