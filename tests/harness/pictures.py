"""Pictures for tests, made when they are needed."""

import io
import secrets

from PIL import Image, ImageDraw


def png(width: int, height: int) -> bytes:
    """A picture that no other call made: its colour and one line are random."""
    colour = tuple(secrets.randbelow(256) for _ in range(3))
    picture = Image.new("RGB", (width, height), colour)
    ImageDraw.Draw(picture).line((0, 0, width, secrets.randbelow(height)), fill=(0, 0, 0))
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()
