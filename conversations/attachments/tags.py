"""How large the first picture of a TIFF is: from the first list of its tags, and no other.

TIFF 6.0 (Adobe, 1992), "Section 2: TIFF Structure". A list may be anywhere and name the next one, in
a ring if somebody wishes; who reads one list alone goes round in none.
"""

import struct
from typing import IO

from conversations.attachments.bytewise import DAMAGED, at
from conversations.errors import UnsupportedImage
from conversations.errors import marked as _

WIDTH, HEIGHT, STRIPS, TILES = 256, 257, 273, 324
SHORT, LONG = 3, 4
# Real files have 15 to 60.
MAX_TAGS = 1_000
# Every row by itself, of every colour by itself, at the greatest height: more is made to cost time.
MAX_PIECES = 4 * 30_000

PIECES = _("The TIFF is cut into too many pieces. Save it as PNG or JPEG first.")


def size(file: IO[bytes]) -> tuple[int, int]:
    """Raises UnsupportedImage, or struct.error when the file ends too early."""
    file.seek(0)
    order = "<" if file.read(2) == b"II" else ">"
    found = _numbers(file, order)
    if WIDTH not in found or HEIGHT not in found:
        raise UnsupportedImage(DAMAGED)
    return found[WIDTH], found[HEIGHT]


def _numbers(file: IO[bytes], order: str) -> dict[int, int]:
    """The first value of each tag that we ask for. What is there twice counts as Pillow has it: last."""
    (start,) = at(file, 4, order + "I")
    (count,) = at(file, start, order + "H")
    if count > MAX_TAGS:
        raise UnsupportedImage(DAMAGED)
    found = {}
    entries = file.read(12 * count)
    for tag, kind, values, value in struct.iter_unpack(order + "HHI4s", entries):
        if tag in (STRIPS, TILES) and values > MAX_PIECES:
            raise UnsupportedImage(PIECES)
        if tag in (WIDTH, HEIGHT) and kind in (SHORT, LONG) and values == 1:
            form = order + ("H" if kind == SHORT else "I")
            (found[tag],) = struct.unpack_from(form, value)
    return found
