"""PNG: bombs in each kind of chunk, headers that lie, and second files behind or inside the first."""

import struct
import zlib
from functools import partial

from tests.pure.hostile.cases import DAMAGED, LARGE, TAKEN, each, hostile
from tests.pure.pictures import bomb, png, png_chunk, quarters, saved

START = b"\x89PNG\r\n\x1a\n"
HTML = b"<!doctype html><script>alert(1)</script>"


def whole() -> bytes:
    return saved(quarters(), "PNG")


def with_chunk(kind: bytes, data: bytes) -> bytes:
    """Behind the header, where notes stand."""
    content = whole()
    return content[:33] + png_chunk(kind, data) + content[33:]


def header(width: int, height: int, depth: int = 8, colour: int = 2, *rest: int) -> bytes:
    return struct.pack(">IIBBBBB", width, height, depth, colour, *(rest or (0, 0, 0)))


def chunks(*parts: tuple[bytes, bytes]) -> bytes:
    return START + b"".join(png_chunk(*part) for part in parts)


hostile(LARGE)(bomb)
each("png", {
    "of_65535_by_1": partial(png, 65_535, 1, b""),
    "of_1_by_65535": partial(png, 1, 65_535, b""),
    "of_two_thousand_million_squared": partial(png, 2**31 - 1, 2**31 - 1, b""),
    "of_51_million": partial(png, 8_500, 6_000, b""),
}, LARGE)  # fmt: skip
each("png", {
    "of_0_by_0": partial(png, 0, 0, b""),
    "of_0_by_10": partial(png, 0, 10, b""),
    "of_1_by_201": partial(png, 1, 201, b""),
    "of_50_million_without_a_picture": partial(png, 10_000, 5_000, b""),
    "of_three_bits": partial(png, 8, 8, bytes(99), depth=3),
    "of_colour_seven": partial(png, 8, 8, bytes(99), colour=7),
}, DAMAGED)  # fmt: skip


@hostile(DAMAGED)
def png_with_the_body_of_a_jpeg() -> bytes:
    return whole()[:33] + saved(quarters(), "JPEG")


@hostile(DAMAGED)
def png_with_no_picture_in_it() -> bytes:
    return chunks((b"IHDR", header(8, 8)), (b"IEND", b""))


@hostile(DAMAGED)
def png_with_a_long_header() -> bytes:
    return chunks((b"IHDR", header(8, 8) + bytes(5)), (b"IEND", b""))


@hostile(DAMAGED)
def png_with_a_wrong_sum() -> bytes:
    content = bytearray(whole())
    content[30] ^= 0xFF
    return bytes(content)


@hostile(DAMAGED)
def png_with_a_chunk_of_two_thousand_million() -> bytes:
    return whole()[:33] + struct.pack(">I", 2**31 - 1) + b"tEXt" + bytes(100)


@hostile(DAMAGED)
def png_with_noise_for_a_picture() -> bytes:
    return chunks((b"IHDR", header(8, 8)), (b"IDAT", bytes(range(256)) * 4), (b"IEND", b""))


@hostile(TAKEN, DAMAGED)
def png_without_its_palette() -> bytes:
    rows = zlib.compress(bytes(9 * 8))
    return chunks((b"IHDR", header(8, 8, 8, 3)), (b"IDAT", rows), (b"IEND", b""))


@hostile(TAKEN, DAMAGED)
def png_with_a_thousand_times_its_picture() -> bytes:
    """The rows of 8 × 8 pixels, and 16 MB of nothing behind them."""
    return png(8, 8, bytes(16 * 1024 * 1024))


def compressed(megabytes: int) -> bytes:
    return zlib.compress(bytes(megabytes * 1024 * 1024), 9)


each("png", {
    "with_a_text_bomb": lambda: with_chunk(b"zTXt", b"Comment\0\0" + compressed(16)),
    "with_an_international_text_bomb": lambda: with_chunk(
        b"iTXt", b"Comment\0\1\0\0\0" + compressed(16)
    ),
    "with_a_profile_bomb": lambda: with_chunk(b"iCCP", b"p\0\0" + compressed(16)),
    "with_megabytes_of_text": lambda: with_chunk(b"tEXt", b"Comment\0" + bytes(4 * 1024 * 1024)),
}, TAKEN, DAMAGED)  # fmt: skip


@hostile(TAKEN, DAMAGED)
def png_with_ten_thousand_texts() -> bytes:
    content = whole()
    return content[:33] + png_chunk(b"tEXt", b"a\0b") * 10_000 + content[33:]


@hostile(TAKEN)
def png_with_a_page_behind_it() -> bytes:
    return whole() + HTML


@hostile(TAKEN, DAMAGED)
def png_with_a_page_inside() -> bytes:
    return with_chunk(b"tEXt", b"Comment\0" + HTML)


@hostile(TAKEN)
def png_with_a_program_for_a_palette() -> bytes:
    image = quarters().quantize(4)
    image.putpalette(b"<?php system('/bin/sh');?>" + bytes(768 - 26))
    return saved(image, "PNG")


@hostile(TAKEN, DAMAGED)
def png_that_says_it_has_a_million_frames() -> bytes:
    return with_chunk(b"acTL", struct.pack(">II", 1_000_000, 0))


@hostile(TAKEN, DAMAGED)
def png_with_a_frame_larger_than_itself() -> bytes:
    frame = struct.pack(">IIIIIHHBB", 0, 60_000, 60_000, 0, 0, 1, 10, 0, 0)
    content = with_chunk(b"acTL", struct.pack(">II", 1, 0))
    return content[:53] + png_chunk(b"fcTL", frame) + content[53:]


@hostile(LARGE, DAMAGED)
def png_with_a_second_header() -> bytes:
    honest = png(8, 8, bytes(200))
    return honest[:33] + png_chunk(b"IHDR", header(13_000, 13_000)) + honest[33:]


each("png_cut_at", {
    str(share): lambda share=share: whole()[: max(8, len(whole()) * share // 100)]  # type: ignore[misc]
    for share in (0, 10, 20, 30, 60)
}, DAMAGED)  # fmt: skip
