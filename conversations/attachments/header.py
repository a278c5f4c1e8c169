"""What a file is and how large its picture is, from its first bytes. Nothing is decoded here.

Neither name nor declared type is believed. The standard library is all it needs, so that the web
process refuses a bomb without Pillow, and the decoder's own process checks what Pillow made of it.
"""

import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import IO

from conversations.errors import TooLarge, UnsupportedImage, Words
from conversations.errors import marked as _

MAX_PIXELS = 50_000_000
MAX_SIDE = 30_000
# At the 2,048 pixels that a model sees, a picture narrower than this is a line of ten pixels.
MAX_RATIO = 200
# Real files have some tens of segments before the picture; a hostile one may have five million.
MAX_JPEG_STEPS = 10_000

DAMAGED = _("The file is damaged or incomplete.")
SIDE = _("The picture is {width} × {height} pixels; a side may have {most} at most.")
PIXELS = _(
    "The picture has {width} × {height} pixels; {most} million are allowed. "
    "Make it smaller and try again."
)
NARROW = _("The picture is {width} × {height} pixels: too narrow to show anything.")

FRAME_MARKERS = {0xC0, 0xC1, 0xC2, 0xC3, 0xC5, 0xC6, 0xC7, 0xC9, 0xCA, 0xCB, 0xCD, 0xCE, 0xCF}
BARE_MARKERS = {0x01, *range(0xD0, 0xD8)}
END_MARKERS = {0xD8, 0xD9, 0xDA}


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
    for signature, name, size in FORMATS:
        if start.startswith(signature) and (name != "WEBP" or start[8:12] == b"WEBP"):
            header = Header(name, *_or_damaged(size, file))
            check_size(header.width, header.height)
            return header
    raise _refusal(start)


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


def _or_damaged(size: Callable[[IO[bytes]], tuple[int, int]], file: IO[bytes]) -> tuple[int, int]:
    try:
        return size(file)
    except struct.error:  # the file ends inside its header
        raise UnsupportedImage(DAMAGED) from None


def _at(file: IO[bytes], offset: int, form: str) -> tuple[int, ...]:
    file.seek(offset)
    return struct.unpack(form, file.read(struct.calcsize(form)))


def _png(file: IO[bytes]) -> tuple[int, int]:
    width, height = _at(file, 16, ">II")
    file.seek(8)
    if file.read(8) != b"\0\0\0\x0dIHDR":
        raise UnsupportedImage(DAMAGED)
    return width, height


def _gif(file: IO[bytes]) -> tuple[int, int]:
    width, height = _at(file, 6, "<HH")
    return width, height


def _webp(file: IO[bytes]) -> tuple[int, int]:
    file.seek(12)
    kind = file.read(4)
    if kind == b"VP8X":
        parts = _at(file, 24, "<HBHB")
        return (parts[0] | parts[1] << 16) + 1, (parts[2] | parts[3] << 16) + 1
    if kind == b"VP8L":
        _, bits = _at(file, 20, "<BI")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if kind == b"VP8 ":
        width, height = _at(file, 26, "<HH")
        return width & 0x3FFF, height & 0x3FFF
    raise UnsupportedImage(DAMAGED)


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


FORMATS = (
    (b"\xff\xd8\xff", "JPEG", _jpeg),
    (b"\x89PNG\r\n\x1a\n", "PNG", _png),
    (b"GIF87a", "GIF", _gif),
    (b"GIF89a", "GIF", _gif),
    (b"RIFF", "WEBP", _webp),
)

OTHERS = (
    (b"%PDF", _("This is a PDF. {instead}")),
    (b"BM", _("This is a BMP picture. {instead}")),
    (b"II*\0", _("This is a TIFF picture. {instead}")),
    (b"MM\0*", _("This is a TIFF picture. {instead}")),
    (b"\0\0\1\0", _("This is an icon file. {instead}")),
    (b"8BPS", _("This is a Photoshop file. {instead}")),
    (b"PK\3\4", _("This is an archive or an Office document. {instead}")),
    (b"\xff\x0a", _("This is a JPEG XL picture. {instead}")),
    (b"\0\0\0\x0cJXL ", _("This is a JPEG XL picture. {instead}")),
    (b"\0\0\0\x0cjP  ", _("This is a JPEG 2000 picture. {instead}")),
    (b"{\\rtf", _("This is a text document. {instead}")),
)
BRANDS = {
    b"heic": "HEIC", b"heix": "HEIC", b"heim": "HEIC", b"heis": "HEIC", b"hevc": "HEIC",
    b"mif1": "HEIF", b"msf1": "HEIF", b"avif": "AVIF", b"avis": "AVIF",
}  # fmt: skip
EMPTY = _("The file is empty.")
IN_FORMAT = _("This is a picture in {brand} format. {instead}")
VIDEO = _("This is a video. {instead}")
SVG = _("This is an SVG or XML file, which can carry programs. {instead}")
WEB_PAGE = _("This is a web page, not a picture. {instead}")
WORDS = _("This is text, not a picture. {instead}")
UNREADABLE = _("This is not a picture that can be read here. {instead}")
INSTEAD = _("JPEG, PNG, GIF and WebP can be used.")


def _refusal(start: bytes) -> UnsupportedImage:
    """Why a file with this beginning is refused, and what would not be."""
    brand = BRANDS.get(start[8:12]) or ""
    # A refusal too, so that it is said in the same language and no earlier.
    names = {"brand": brand, "instead": UnsupportedImage(INSTEAD)}
    return UnsupportedImage(_reason(start, brand), names=names)


def _reason(start: bytes, brand: str) -> Words:
    if not start:
        return EMPTY
    for signature, what in OTHERS:
        if start.startswith(signature):
            return what
    if start[4:8] == b"ftyp":
        return IN_FORMAT if brand else VIDEO
    return _reason_for_text(start.lstrip(b"\xef\xbb\xbf \t\r\n").lower())


def _reason_for_text(start: bytes) -> Words:
    if start.startswith((b"<svg", b"<?xml", b"<!doctype svg", b"<!--")):
        return SVG
    if start.startswith(b"<"):
        return WEB_PAGE
    if start and all(byte >= 0x20 or byte in b"\t\r\n" for byte in start):
        return WORDS
    return UNREADABLE
