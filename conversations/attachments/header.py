"""What a file is and how large its picture is, from its first bytes. Nothing is decoded here.

Neither name nor declared type is believed. The standard library is all it needs, so that the web
process refuses a bomb without Pillow, and the decoder's own process checks what Pillow made of it.
"""

import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import IO

from conversations.attachments import boxes, others, tags
from conversations.attachments.bytewise import DAMAGED, at
from conversations.errors import TooLarge, UnsupportedImage
from conversations.errors import marked as _

MAX_PIXELS = 50_000_000
MAX_SIDE = 30_000
# At the 2,048 pixels that a model sees, a picture narrower than this is a line of ten pixels.
MAX_RATIO = 200
# Real files have some tens of segments before the picture; a hostile one may have five million.
MAX_JPEG_STEPS = 10_000

SIDE = _("The picture is {width} × {height} pixels; a side may have {most} at most.")
PIXELS = _(
    "The picture has {width} × {height} pixels; {most} million are allowed. "
    "Make it smaller and try again."
)
NARROW = _("The picture is {width} × {height} pixels: too narrow to show anything.")

FRAME_MARKERS = {0xC0, 0xC1, 0xC2, 0xC3, 0xC5, 0xC6, 0xC7, 0xC9, 0xCA, 0xCB, 0xCD, 0xCE, 0xCF}
BARE_MARKERS = {0x01, *range(0xD0, 0xD8)}
END_MARKERS = {0xD8, 0xD9, 0xDA}
# OS/2's first header has two sides of 16 bits; all later ones begin as Windows 3 has it.
BMP_CORE, BMP_HEADERS = 12, (40, 52, 56, 64, 108, 124)

Reader = Callable[[IO[bytes]], tuple[int, int]]


@dataclass(frozen=True)
class Header:
    """`format` is Pillow's name for it."""

    format: str
    width: int
    height: int

    @property
    def content_type(self) -> str:
        return f"image/{self.format.lower()}"


def read(file: IO[bytes]) -> Header:
    """The header of a picture that we take. Raises UnsupportedImage, or TooLarge for its pixels."""
    file.seek(0)
    start = file.read(64)
    name, size = _reader(start)
    if size is None:
        raise others.refusal(start)
    header = Header(name, *_or_damaged(size, file))
    check_size(header.width, header.height)
    return header


def check_size(width: int, height: int) -> None:
    """Whether a picture of this size is worth its memory: sides, pixels, and not a mere line."""
    long, short = max(width, height), min(width, height)
    names = {"width": width, "height": height}
    if short < 1:
        raise UnsupportedImage(DAMAGED)
    if long > MAX_SIDE:
        raise TooLarge(SIDE, names={**names, "most": MAX_SIDE})
    if width * height > MAX_PIXELS:
        raise TooLarge(PIXELS, names={**names, "most": MAX_PIXELS // 1_000_000})
    if long > MAX_RATIO * short:
        raise UnsupportedImage(NARROW, names=names)


def _reader(start: bytes) -> tuple[str, Reader | None]:
    for signature, name, size in FORMATS:
        if start.startswith(signature):
            return name, size
    if start[:4] == b"RIFF" and start[8:12] == b"WEBP":
        return "WEBP", _webp
    if start[:2] == b"BM" and start[14:18] in BMP_SIZES:
        return "BMP", _bmp
    if start[4:8] == b"ftyp" and (name := boxes.format_of(start)):
        return name, boxes.largest
    return "", None


def _or_damaged(size: Reader, file: IO[bytes]) -> tuple[int, int]:
    try:
        return size(file)
    except struct.error:  # the file ends inside its header
        raise UnsupportedImage(DAMAGED) from None


def _png(file: IO[bytes]) -> tuple[int, int]:
    width, height = at(file, 16, ">II")
    file.seek(8)
    if file.read(8) != b"\0\0\0\x0dIHDR":
        raise UnsupportedImage(DAMAGED)
    return width, height


def _gif(file: IO[bytes]) -> tuple[int, int]:
    width, height = at(file, 6, "<HH")
    return width, height


def _webp(file: IO[bytes]) -> tuple[int, int]:
    file.seek(12)
    kind = file.read(4)
    if kind == b"VP8X":
        parts = at(file, 24, "<HBHB")
        return (parts[0] | parts[1] << 16) + 1, (parts[2] | parts[3] << 16) + 1
    if kind == b"VP8L":
        _, bits = at(file, 20, "<BI")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if kind == b"VP8 ":
        width, height = at(file, 26, "<HH")
        return width & 0x3FFF, height & 0x3FFF
    raise UnsupportedImage(DAMAGED)


def _bmp(file: IO[bytes]) -> tuple[int, int]:
    """A height below nothing says that the first row is the upper one."""
    (length,) = at(file, 14, "<I")
    width, height = at(file, 18, "<HH" if length == BMP_CORE else "<ii")
    return width, abs(height)


def _jpeg(file: IO[bytes]) -> tuple[int, int]:
    """From segment to segment up to the frame's header; what stands between is skipped unread."""
    file.seek(2)
    for _step in range(MAX_JPEG_STEPS):
        (byte,) = struct.unpack("B", file.read(1))
        if byte != 0xFF:
            continue
        (marker,) = struct.unpack("B", file.read(1))
        if marker in FRAME_MARKERS:
            _, _, height, width = struct.unpack(">HBHH", file.read(7))
            return width, height
        if marker in END_MARKERS:
            break
        if marker == 0xFF:
            file.seek(-1, 1)  # a fill byte: the next one may be the marker
        elif marker and marker not in BARE_MARKERS:
            (length,) = struct.unpack(">H", file.read(2))
            file.seek(max(length - 2, 0), 1)
    raise UnsupportedImage(DAMAGED)


BMP_SIZES = {struct.pack("<I", length) for length in (BMP_CORE, *BMP_HEADERS)}
FORMATS: tuple[tuple[bytes, str, Reader], ...] = (
    (b"\xff\xd8\xff", "JPEG", _jpeg),
    (b"\x89PNG\r\n\x1a\n", "PNG", _png),
    (b"GIF87a", "GIF", _gif),
    (b"GIF89a", "GIF", _gif),
    (b"II*\0", "TIFF", tags.size),
    (b"MM\0*", "TIFF", tags.size),
)
