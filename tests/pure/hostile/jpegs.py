"""JPEG: scans without end, sizes that lie, notes in a ring, and archives behind the picture."""

import struct

from tests.pure.hostile.cases import DAMAGED, HARD, LARGE, TAKEN, each, hostile
from tests.pure.pictures import photograph, quarters, saved

COMMENT, NOTES, PROFILE = 0xFE, 0xE1, 0xE2


def whole() -> bytes:
    return saved(quarters(), "JPEG")


def segment(marker: int, data: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(data) + 2) + data


def with_segments(*segments: bytes) -> bytes:
    content = whole()
    return content[:2] + b"".join(segments) + content[2:]


def frame_at(content: bytes) -> int:
    return content.index(b"\xff\xc0\x00\x11")


def sized(width: int, height: int) -> bytes:
    """The same picture, which says that it is of another size."""
    content = bytearray(whole())
    place = frame_at(whole()) + 5
    content[place : place + 4] = struct.pack(">HH", height, width)
    return bytes(content)


def coded(marker: int, precision: int = 8) -> bytes:
    """It says that it was coded in another way than it was."""
    content = bytearray(whole())
    place = frame_at(whole())
    content[place + 1], content[place + 4] = marker, precision
    return bytes(content)


each("jpeg", {
    "of_65500_squared": lambda: sized(65_500, 65_500),
    "of_1_by_65535": lambda: sized(1, 65_535),
}, LARGE)  # fmt: skip
each("jpeg", {
    "of_0_by_0": lambda: sized(0, 0),
    "whose_height_comes_later": lambda: sized(80, 0),
    "without_loss": lambda: coded(0xC3),
    "in_a_hierarchy": lambda: coded(0xC5),
    "of_twelve_bits": lambda: coded(0xC1, precision=12),
    "with_the_body_of_a_gif": lambda: b"\xff\xd8\xff" + saved(quarters(), "GIF"),
    "of_comments_alone": lambda: b"\xff\xd8" + segment(COMMENT, b"") * 200_000,
    "of_fill_bytes_alone": lambda: b"\xff\xd8\xff" + b"\xff" * 1_000_000,
}, DAMAGED)  # fmt: skip
each("jpeg_cut_at", {
    str(share): lambda share=share: whole()[: max(3, len(whole()) * share // 100)]  # type: ignore[misc]
    for share in (0, 10, 25, 50, 75, 90)
}, DAMAGED)  # fmt: skip


@hostile(TAKEN, DAMAGED)
def jpeg_of_50_million_without_a_picture() -> bytes:
    """Its end is there: what is missing is grey."""
    return sized(10_000, 5_000)


@hostile(TAKEN, DAMAGED)
def jpeg_that_says_it_is_arithmetic() -> bytes:
    return coded(0xC9)


@hostile(HARD)
def jpeg_of_ten_thousand_scans() -> bytes:
    """Each of them goes over four megapixels once more."""
    content = saved(photograph(64, 64).resize((2000, 2000)), "JPEG", progressive=True, quality=5)
    last = content.rindex(b"\xff\xda")
    scan = b"\xff\xda\x00\x08\x01\x01\x00\x01\x3f\x10" + bytes(2)
    return content[:last] + scan * 10_000 + content[last:]


@hostile(TAKEN)
def jpeg_with_an_archive_behind_it() -> bytes:
    return whole() + b"PK\x03\x04" + bytes(26) + b"evil.sh#!/bin/sh"


@hostile(TAKEN)
def jpeg_with_a_program_for_a_comment() -> bytes:
    return with_segments(segment(COMMENT, b"<?php system('/bin/sh'); ?><script>alert(1)</script>"))


@hostile(TAKEN)
def jpeg_with_a_profile_of_four_megabytes() -> bytes:
    pieces = 64
    parts = (b"ICC_PROFILE\0" + bytes([at, pieces]) + bytes(65_000) for at in range(1, pieces + 1))
    return with_segments(*(segment(PROFILE, part) for part in parts))


@hostile(TAKEN)
def jpeg_with_a_profile_that_lacks_pieces() -> bytes:
    return with_segments(segment(PROFILE, b"ICC_PROFILE\0\x07\x03" + bytes(500)))


def notes(data: bytes) -> bytes:
    return with_segments(segment(NOTES, b"Exif\0\0MM\0*" + data))


def tag(number: int, kind: int, count: int, value: int) -> bytes:
    return struct.pack(">HHII", number, kind, count, value)


each("jpeg_whose_notes", {
    "are_a_ring": lambda: notes(
        struct.pack(">IH", 8, 2) + tag(0x8769, 4, 1, 8) + tag(0x8825, 4, 1, 8) + b"\0\0\0\x08"
    ),
    "are_nowhere": lambda: notes(struct.pack(">I", 0xFFFFFF00)),
    "are_65535": lambda: notes(struct.pack(">IH", 8, 65_535) + bytes(40_000)),
    "are_of_four_thousand_million": lambda: notes(
        struct.pack(">IH", 8, 1) + tag(0x010E, 7, 0xFFFFFFFF, 8) + bytes(4)
    ),
    "turn_it_by_65535": lambda: notes(
        struct.pack(">IH", 8, 1) + tag(0x0112, 3, 1, 0xFFFF0000) + bytes(4)
    ),
    "end_at_once": lambda: notes(b"")[:-1],
}, TAKEN, DAMAGED)  # fmt: skip
