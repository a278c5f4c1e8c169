"""Pictures that cameras make, and pictures that only somebody who means harm makes."""

import struct
import zlib
from io import BytesIO
from typing import Any

from PIL import Image, ImageCms, ImageDraw

SCRIPT = b"<script>alert(document.cookie)</script>"
PLACE = b"Harbour Street 41"
ORIENTATION, ARTIST, GPS = 0x0112, 0x013B, 0x8825


def saved(image: Image.Image, kind: str, **options: Any) -> bytes:
    out = BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def quarters(width: int = 80, height: int = 40, mode: str = "RGB") -> Image.Image:
    """Red, green over blue, white: it tells which way up it is."""
    image = Image.new("RGB", (width, height), "white")
    draw = ImageDraw.Draw(image)
    for column, row, colour in ((0, 0, "red"), (1, 0, "lime"), (0, 1, "blue")):
        left, top = column * width // 2, row * height // 2
        draw.rectangle((left, top, left + width // 2 - 1, top + height // 2 - 1), fill=colour)
    return image.convert(mode)


def corners(image: Image.Image) -> list[str]:
    """The colours of the four quarters by name: top left, top right, bottom left, bottom right."""
    width, height = image.size
    points = [(x * width // 4, y * height // 4) for y in (1, 3) for x in (1, 3)]
    rgb = image.convert("RGB")
    return [_name(rgb.getpixel(point)) for point in points]


def _name(colour: Any) -> str:
    lit = tuple(value > 127 for value in colour)
    names = {(1, 0, 0): "red", (0, 1, 0): "green", (0, 0, 1): "blue", (1, 1, 1): "white"}
    return names.get(lit, str(colour))


def photograph(width: int, height: int) -> Image.Image:
    """As hard to encode as a real one: noise over a gradient."""
    noise = Image.effect_noise((width, height), 40)
    return Image.merge("RGB", (noise, noise.transpose(Image.Transpose.ROTATE_180), noise))


def noted(orientation: int) -> Image.Exif:
    """Notes as a phone makes them: how it was held, who, and where."""
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    exif[ARTIST] = PLACE.decode()
    exif.get_ifd(GPS).update({1: "N", 2: (54.0, 19.0, 5.0), 3: "E", 4: (10.0, 8.0, 7.0)})
    return exif


def swapped_profile() -> bytes:
    """sRGB's own profile with the tags of two primaries exchanged."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    return profile.replace(b"rXYZ", b"____").replace(b"gXYZ", b"rXYZ").replace(b"____", b"gXYZ")


def png_chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width: int, height: int, body: bytes, *, depth: int = 8, colour: int = 2) -> bytes:
    """A PNG by hand, so that its header can say what no encoder would."""
    head = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    parts = [(b"IHDR", head), (b"IDAT", zlib.compress(body, 9)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(png_chunk(*part) for part in parts)


def bomb(side: int = 13_000) -> bytes:
    """Some 20 KB that would be half a gigabyte: one bit a pixel, all the same."""
    return png(side, side, bytes((side // 8 + 1) * side), depth=1, colour=0)
