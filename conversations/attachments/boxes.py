"""What is in a HEIC or AVIF file, and how large: from its boxes, before anything of it is decoded.

ISO/IEC 14496-12 (boxes) and 23008-12 (pictures in them). A file holds items: tiles, the grid that
puts them together, thumbnails, notes. All of them say their size in `ispe`, and none may be larger
than a picture may be. What is no ordinary still picture never reaches the decoder: most holes that
were found in libheif are in its rarer parts (uncompressed pictures, masks, other codecs).
"""

import struct
from collections.abc import Iterator
from functools import cache
from importlib.util import find_spec
from typing import IO, NamedTuple

from conversations.attachments.bytewise import DAMAGED, at
from conversations.errors import UnsupportedImage
from conversations.errors import marked as _

AVIF, HEIF = (b"avif", b"avis"), (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx")
PICTURES = {b"av01", b"hvc1"}
# How they are put together, and what is told of them.
ITEMS = PICTURES | {b"grid", b"iden", b"tmap", b"Exif", b"mime", b"uri "}
# A telephone's 48 megapixels are 192 tiles. libheif itself stops at 1,000 items.
MAX_ITEMS = 1_000
MAX_BOXES = 4_096

KIND = _("There is no ordinary picture in this file, or one of a rare kind. Save it as JPEG first.")


class Box(NamedTuple):
    kind: bytes
    start: int  # of what is in it
    end: int


@cache
def takes_heic() -> bool:
    """Whether what reads HEIC is installed (`make heic`, and with `make run`). Imports nothing."""
    return find_spec("pillow_heif") is not None


@cache
def _takes_avif() -> bool:
    """Pillow's wheels have it; a Pillow of a distribution may not."""
    return find_spec("PIL._avif") is not None


def format_of(start: bytes) -> str:
    """Pillow's name for it, from the brands at its beginning; empty: it is none that we take."""
    brands = _brands(start)
    if any(brand in AVIF for brand in brands):
        return "AVIF" if _takes_avif() else ""
    return "HEIF" if takes_heic() and any(brand in HEIF for brand in brands) else ""


def _brands(start: bytes) -> list[bytes]:
    (length,) = struct.unpack(">I", start[:4])
    listed = start[16 : min(length, len(start))]
    return [start[8:12], *(listed[place : place + 4] for place in range(0, len(listed), 4))]


def largest(file: IO[bytes]) -> tuple[int, int]:
    """The size of the largest item. Raises UnsupportedImage, or struct.error when the file ends early."""
    whole = Box(b"", 0, file.seek(0, 2))
    meta = next((box for box in _boxes(file, whole) if box.kind == b"meta"), None)
    if meta is None:
        raise UnsupportedImage(DAMAGED)
    inside = meta._replace(start=meta.start + 4)  # version and flags come first
    _check_items(file, _only(file, b"iinf", inside))
    properties = _only(file, b"ipco", _only(file, b"iprp", inside))
    sizes = [_size(file, box) for box in _boxes(file, properties) if box.kind == b"ispe"]
    if not sizes:
        raise UnsupportedImage(DAMAGED)
    return max(sizes, key=lambda size: size[0] * size[1])


def _only(file: IO[bytes], kind: bytes, parent: Box) -> Box:
    """The one box of a kind. Of two, a decoder might take the other."""
    found = [box for box in _boxes(file, parent) if box.kind == kind]
    if len(found) != 1:
        raise UnsupportedImage(DAMAGED)
    return found[0]


def _boxes(file: IO[bytes], parent: Box) -> Iterator[Box]:
    """Those directly inside, in their order; a box that reaches out of its parent is none."""
    place = parent.start
    for _number in range(MAX_BOXES):
        if place + 8 > parent.end:
            return
        length, kind = at(file, place, ">I4s")
        start = place + 8
        if length == 1:
            (length,) = at(file, start, ">Q")
            start += 8
        end = place + length if length else parent.end
        if not start <= end <= parent.end:
            raise UnsupportedImage(DAMAGED)
        yield Box(kind, start, end)
        place = end
    raise UnsupportedImage(DAMAGED)


def _size(file: IO[bytes], box: Box) -> tuple[int, int]:
    width, height = at(file, box.start + 4, ">II")
    return width, height


def _check_items(file: IO[bytes], box: Box) -> None:
    """The list of items names only what an ordinary picture is made of."""
    version, _flags, count = at(file, box.start, ">B3sH")
    if version:
        (count,) = at(file, box.start + 4, ">I")
    entries = box._replace(start=box.start + (8 if version else 6))
    if count > MAX_ITEMS:
        raise UnsupportedImage(KIND)
    kinds = [_item_kind(file, entry) for entry in _boxes(file, entries)]
    if not PICTURES.intersection(kinds) or not ITEMS.issuperset(kinds):
        raise UnsupportedImage(KIND)


def _item_kind(file: IO[bytes], entry: Box) -> bytes:
    """`infe`: from version 2 on it says what the item is; version 3 has a longer number before it."""
    (version,) = at(file, entry.start, ">B")
    if entry.kind != b"infe" or version not in (2, 3):
        return b""
    file.seek(entry.start + 4 + (2 if version == 2 else 4) + 2)
    return file.read(4)
