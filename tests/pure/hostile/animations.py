"""GIF and WebP: canvases and frames that disagree, endless films, sizes that lie."""

import struct

from PIL import Image

from tests.pure.hostile.cases import DAMAGED, LARGE, TAKEN, each, hostile
from tests.pure.pictures import photograph, quarters, saved


def gif() -> bytes:
    return saved(quarters(), "GIF")


def webp() -> bytes:
    return saved(photograph(80, 40), "WEBP")


def changed(content: bytes, place: int, value: bytes) -> bytes:
    return content[:place] + value + content[place + len(value) :]


def frame(width: int, height: int) -> bytes:
    """A GIF of 8 × 8 whose one frame is larger."""
    start = b"GIF89a" + struct.pack("<HHBBB", 8, 8, 0x80, 0, 0) + bytes(6)
    return start + b"," + struct.pack("<HHHHB", 0, 0, width, height, 0) + b"\x02\x02\x4c\x01\0;"


def canvas(width: int, height: int) -> bytes:
    """A WebP that says so in its first chunk."""
    head = (
        bytes([0x10, 0, 0, 0])
        + (width - 1).to_bytes(3, "little")
        + (height - 1).to_bytes(3, "little")
    )
    body = b"WEBP" + b"VP8X" + struct.pack("<I", 10) + head + webp()[12:]
    return b"RIFF" + struct.pack("<I", len(body)) + body


each("gif", {
    "of_65535_squared": lambda: changed(gif(), 6, b"\xff\xff\xff\xff"),
    "with_a_frame_of_65535_squared": lambda: frame(65_535, 65_535),
    "with_a_frame_of_8000_squared": lambda: frame(8_000, 8_000),
}, LARGE, DAMAGED)  # fmt: skip
each("gif", {
    "of_0_by_0": lambda: changed(gif(), 6, bytes(4)),
    "that_is_a_script_and_a_comment": lambda: b"GIF89a/*" + gif()[8:] + b"*/=1;alert(1)",
    "without_a_frame": lambda: gif()[:13] + b";",
    "with_codes_of_twelve_bits": lambda: frame(8, 8).replace(b"\x02\x02\x4c\x01\0;", b"\x0c" + b"\xff" * 600),
}, DAMAGED)  # fmt: skip
each("gif_cut_at", {
    str(length): lambda length=length: gif()[:length]  # type: ignore[misc]
    for length in (6, 10, 13, 30, 60)
}, DAMAGED)  # fmt: skip


@hostile(LARGE)
def gif_that_is_a_script() -> bytes:
    """Its first letters are its size."""
    return b"GIF89a=1;alert('/bin/sh')//" + bytes(100)


@hostile(TAKEN)
def gif_with_a_script_behind_it() -> bytes:
    return gif() + b"<script>alert(1)</script>"


@hostile(TAKEN)
def gif_with_a_thousand_frames() -> bytes:
    films = [Image.new("P", (8, 8), number % 256) for number in range(1_000)]
    return saved(films[0], "GIF", save_all=True, append_images=films[1:], duration=10)


@hostile(TAKEN)
def gif_with_megabytes_of_comments() -> bytes:
    comment = b"!\xfe" + (b"\xff" + b"<script>".ljust(255, b"x")) * 4_000 + b"\0"
    content = gif()
    place = content.index(b",")
    return content[:place] + comment + content[place:]


each("webp", {
    "of_sixteen_million_squared": lambda: canvas(1 << 24, 1 << 24),
    "with_a_canvas_of_9000_squared": lambda: canvas(9_000, 9_000),
}, LARGE)  # fmt: skip
each("webp", {
    "with_a_canvas_of_another_size": lambda: canvas(81, 41),
    "without_a_chunk": lambda: b"RIFF\x04\0\0\0WEBP",
    "of_an_unknown_chunk": lambda: b"RIFF\xff\xff\0\0WEBPEVIL" + bytes(60),
    "that_says_it_is_nothing_long": lambda: changed(webp(), 4, bytes(4)),
    "whose_picture_is_cut": lambda: webp()[:100],
    "with_the_body_of_a_png": lambda: webp()[:30] + saved(quarters(), "PNG"),
}, DAMAGED)  # fmt: skip


@hostile(TAKEN, DAMAGED)
def webp_that_says_it_is_four_thousand_million_long() -> bytes:
    return changed(webp(), 4, b"\xff\xff\xff\xff")


@hostile(TAKEN)
def webp_of_four_megapixels_in_few_bytes() -> bytes:
    return saved(Image.new("RGBA", (2_000, 2_000), (1, 2, 3, 4)), "WEBP", lossless=True)


@hostile(TAKEN)
def webp_with_two_hundred_frames() -> bytes:
    films = [quarters().rotate(number) for number in range(0, 200, 2)]
    return saved(films[0], "WEBP", save_all=True, append_images=films[1:], method=0)
