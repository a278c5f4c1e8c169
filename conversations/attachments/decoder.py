"""`python -m conversations.attachments.decoder FOLDER [SIDE] < picture`: make a picture ready, once.

A process of its own, with limits, that may be killed: file in on stdin, `full`, `thumbnail` and
`reply.json` out in FOLDER; with a number of pixels behind FOLDER one of our own pictures is made
smaller. Only Pillow (with pillow-heif for HEIC) and the standard library; neither
Django nor our secrets are in here. What it writes was encoded by us from bare pixels, so nothing
that was hidden in the file (places, scripts, a second file behind the first) can be in it.

2,048: "detail: high images are first scaled to fit within a 2048 x 2048 square", OpenAI's guide
"Images and vision", section "Calculating costs". More would be sent and then thrown away.
"""

import errno
import json
import os
import sys
import warnings
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from types import MappingProxyType
from typing import IO, Any, cast

import PIL.WebPImagePlugin  # noqa: F401 registered by name: Pillow would load every plugin it has
from PIL import Image, ImageCms
from PIL.Image import Resampling, Transpose

from conversations.attachments import header
from conversations.attachments.header import Header
from conversations.attachments.limits import confine
from conversations.errors import Refusal, TooLarge

# The greediest that is allowed, a 50-megapixel lossless WebP, takes 1.1 GB of address space.
MEMORY = 1536 * 1024 * 1024
SECONDS = 20

LONG_SIDE = 2048
# One alone in a message stands 320 pixels high at most: on a fine screen twice that.
THUMBNAIL_SIDE = 640
JPEG_QUALITY = 88
THUMBNAIL_QUALITY = 80
# A larger PNG is a photograph in the wrong format: as JPEG it is a fifth, and it is sent each time.
PNG_BYTES = 3 * 1024 * 1024

ORIENTATION = 0x0112
TURNS: Mapping[int, Transpose] = MappingProxyType({
    2: Transpose.FLIP_LEFT_RIGHT,
    3: Transpose.ROTATE_180,
    4: Transpose.FLIP_TOP_BOTTOM,
    5: Transpose.TRANSPOSE,
    6: Transpose.ROTATE_270,
    7: Transpose.TRANSVERSE,
    8: Transpose.ROTATE_90,
})  # fmt: skip
SIDEWAYS = (5, 6, 7, 8)
DRAWN = ("PNG", "GIF", "BMP", "TIFF")
# A progressive JPEG has some ten, 200 at the very most. Each goes over the whole picture again, and
# a file of 20 MB has room for a million.
MAX_SCANS = 200
SCAN = b"\xff\xda"
SIXTEEN_BITS = 1 << 16

Facts = dict[str, str | int]


class Damaged(Exception):
    """What is behind the header cannot be decoded."""


class TooHard(Exception):
    """It could be decoded, and would take all the time there is."""


def main() -> int:
    folder = Path(sys.argv[1])
    confine(memory=MEMORY, seconds=SECONDS)
    try:
        reply = _asked(sys.stdin.buffer, folder, sys.argv[2:])
    except TooLarge:
        reply = {"refused": "too_large"}
    except (Damaged, Refusal):
        reply = {"refused": "damaged"}
    except (MemoryError, TooHard):
        reply = {"refused": "too_hard"}
    except OSError as trouble:
        if trouble.errno in (errno.ENOSPC, errno.EDQUOT):
            return os.EX_IOERR
        raise
    (folder / "reply.json").write_text(json.dumps(reply))
    return os.EX_OK


def _asked(source: IO[bytes], folder: Path, wishes: list[str]) -> Facts:
    return made_smaller(source, folder, int(wishes[0])) if wishes else made_ready(source, folder)


def made_ready(source: IO[bytes], folder: Path) -> Facts:
    """Write `full` and `thumbnail` into `folder`; what they are. Raises Damaged or a Refusal."""
    found = header.read(source)
    picture, orientation, size = _decoded(source, found)
    picture = _turned(picture, orientation)
    full, content_type = _encoded(picture, drawn=found.format in DRAWN)
    (folder / "full").write_bytes(full)
    (folder / "thumbnail").write_bytes(_thumbnail(picture))
    return {
        "content_type": content_type,
        "width": picture.width,
        "height": picture.height,
        "original_width": size[1] if orientation in SIDEWAYS else size[0],
        "original_height": size[0] if orientation in SIDEWAYS else size[1],
    }


def made_smaller(source: IO[bytes], folder: Path, side: int) -> Facts:
    """Write to `full` one of our own pictures, at most `side` long, in the format that it has."""
    with Image.open(source, formats=["JPEG", "PNG"]) as image:
        kind = str(image.format)
        image.draft(None, fit(image.size, side))
        small = _scaled(image, side)
    options = {"quality": JPEG_QUALITY, "subsampling": "4:4:4"} if kind == "JPEG" else {}
    (folder / "full").write_bytes(_saved(small, kind, **options))
    return {"width": small.width, "height": small.height}


def fit(size: tuple[int, int], side: int) -> tuple[int, int]:
    """`size` scaled down to at most `side` on its long side; never up, never to nothing."""
    scale = min(1.0, side / max(size))
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))


def _decoded(source: IO[bytes], found: Header) -> tuple[Image.Image, int, tuple[int, int]]:
    """Pixels of the first frame in sRGB at their final size, how it was held, and its own size."""
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    Image.MAX_IMAGE_PIXELS = header.MAX_PIXELS
    _learn(found.format)
    if found.format == "JPEG":
        _check_scans(source)
    try:
        image = Image.open(source, formats=[found.format])
        size = image.size
        header.check_size(*size)  # a second header further in, a frame larger than its canvas
        image.draft(None, fit(size, LONG_SIDE))  # JPEG alone: a half, a quarter, an eighth
        image.load()
        return _scaled_srgb(image), _orientation(image), size
    except (MemoryError, Refusal):
        raise
    except Exception as trouble:  # a decoder that meets nonsense raises anything
        raise Damaged from trouble


def _learn(kind: str) -> None:
    """The formats that Pillow does not know by itself. One thread for each picture, and nothing of it but
    the picture: no thumbnails, depths or gain maps of others."""
    if kind == "TIFF":
        import PIL.TiffImagePlugin
    elif kind == "AVIF":
        import PIL.AvifImagePlugin

        PIL.AvifImagePlugin.DEFAULT_MAX_THREADS = 1
    elif kind == "HEIF":
        from pillow_heif import register_heif_opener

        alone = {"thumbnails": False, "depth_images": False, "aux_images": False}
        register_heif_opener(**alone, decode_threads=1)


def _check_scans(source: IO[bytes]) -> None:
    """In the picture's own bytes FF is followed by 00, so that these two are a scan or stand in notes."""
    source.seek(0)
    if source.read().count(SCAN) > MAX_SCANS:
        raise TooHard
    source.seek(0)


def _orientation(image: Image.Image) -> int:
    try:
        value = image.getexif().get(ORIENTATION, 1)
    except Exception:  # noqa: BLE001 broken notes must not cost the picture
        return 1
    return value if isinstance(value, int) and value in TURNS else 1


def _scaled_srgb(image: Image.Image) -> Image.Image:
    """Bare pixels (L, RGB or RGBA): scaled first, because colours of 50 megapixels take seconds."""
    profile = image.info.get("icc_profile")
    plain = _eight_bits(image)
    small = _scaled(plain, LONG_SIDE)
    return _bare(_in_srgb(small, profile if isinstance(profile, bytes) else None))


def _scaled(image: Image.Image, side: int) -> Image.Image:
    if image.mode == "RGBA":
        # Pillow does this too, but then without the gap: four seconds for 50 megapixels.
        return _scaled(image.convert("RGBa"), side).convert("RGBA")
    return image.resize(fit(image.size, side), Resampling.LANCZOS, reducing_gap=3.0)


def _eight_bits(image: Image.Image) -> Image.Image:
    """One of the modes L, RGB, RGBA and CMYK, whatever the file had."""
    if image.mode in ("I", "I;16", "I;16B", "I;16L", "I;16N"):
        # convert("L") would cut everything above 255 to white.
        return _graded(image.convert("I"))
    if image.mode == "F":
        return _graded(image)
    if image.mode == "LAB":
        return _from_lab(image)
    if "transparency" in image.info or image.mode in ("RGBA", "LA", "PA", "La", "RGBa"):
        return image.convert("RGBA")
    if image.mode in ("L", "RGB", "CMYK"):
        return image
    return image.convert("L" if image.mode == "1" else "RGB")


def _graded(image: Image.Image) -> Image.Image:
    """Greys of many steps: of 16 bits the upper eight, of more or of fractions up to what is there."""
    most: Any = image.getextrema()[1]
    whole = image.mode == "I" and most < SIXTEEN_BITS
    scale = 1 / 256 if whole else 255 / most if most > 0 else 0.0
    return image.point(lambda value: value * scale).convert("L")


def _from_lab(image: Image.Image) -> Image.Image:
    lab, srgb = ImageCms.createProfile("LAB"), ImageCms.createProfile("sRGB")
    bare: Any = ImageCms.applyTransform(image, ImageCms.buildTransform(lab, srgb, "LAB", "RGB"))
    return cast(Image.Image, bare)


def _in_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """Colours as a screen without colour management means them; a useless profile is ignored."""
    mode = "RGBA" if image.mode == "RGBA" else "RGB"
    if profile:
        try:
            theirs = ImageCms.ImageCmsProfile(BytesIO(profile))
            srgb = ImageCms.createProfile("sRGB")
            converted = ImageCms.profileToProfile(image, theirs, srgb, outputMode=mode)
        except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
            converted = None
        if converted is not None:
            return converted
    return image.convert("RGB") if image.mode == "CMYK" else image


def _bare(image: Image.Image) -> Image.Image:
    """Without notes, and without an alpha channel that hides nothing."""
    if image.mode == "RGBA" and image.getchannel("A").getextrema() == (255, 255):
        image = image.convert("RGB")
    else:
        image = image.copy()
    image.info = {}
    return image


def _turned(image: Image.Image, orientation: int) -> Image.Image:
    return image.transpose(TURNS[orientation]) if orientation in TURNS else image


def _encoded(image: Image.Image, *, drawn: bool) -> tuple[bytes, str]:
    """PNG for what was drawn or is transparent, unless that is large; JPEG for the rest."""
    if drawn or image.mode == "RGBA":
        png = _saved(image, "PNG")
        if len(png) <= PNG_BYTES:
            return png, "image/png"
    # Lettering on a screenshot needs its colours at full size.
    colours = "4:4:4" if drawn else "4:2:0"
    # Without `optimize`: it saves 5 % and fails on noise that outgrows Pillow's guess of a buffer.
    jpeg = _saved(_on_white(image), "JPEG", quality=JPEG_QUALITY, subsampling=colours)
    return jpeg, "image/jpeg"


def _thumbnail(image: Image.Image) -> bytes:
    return _saved(_scaled(image, THUMBNAIL_SIDE), "WEBP", quality=THUMBNAIL_QUALITY)


def _on_white(image: Image.Image) -> Image.Image:
    if image.mode != "RGBA":
        return image
    paper = Image.new("RGB", image.size, "white")
    paper.paste(image, mask=image.getchannel("A"))
    return paper


def _saved(image: Image.Image, kind: str, **options: object) -> bytes:
    out = BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


if __name__ == "__main__":
    sys.exit(main())
