"""Stored pictures on their way out, to the model and to the page."""

from base64 import b64encode
from functools import cache
from pathlib import Path

from django.core.files.storage import default_storage
from django.utils.translation import gettext_lazy as _

from conversations.attachments import smaller
from conversations.errors import Unavailable
from conversations.models import Blob
from conversations.reading.image_object import image_object

__all__ = ["SIGN_TYPE", "data_url", "image_object", "picture_of", "sign", "stored_bytes"]

MISSING = _("A picture of this conversation is missing on the server's disk.")
SIGN_TYPE = "image/png"


class Missing(Unavailable):
    """Its file is gone, and will not come back by itself."""


def data_url(blob: Blob, side: int | None = None) -> str:
    """The picture as the provider reads it: exactly the stored bytes, in base64. With a `side` those of its
    smaller copy, which the first time takes a moment: not in a transaction, and not on the event loop."""
    small = smaller.copy_of(blob, side) if side and not blob.blocked else None
    content, content_type = (small, blob.content_type) if small else picture_of(blob)
    return f"data:{content_type};base64,{b64encode(content).decode('ascii')}"


def picture_of(blob: Blob) -> tuple[bytes, str]:
    """What is stored and of which type it is; of a blocked picture the sign. Raises as `stored_bytes`."""
    if blob.blocked:
        return sign(), SIGN_TYPE
    return stored_bytes(blob.name), blob.content_type


@cache
def sign() -> bytes:
    """Stands in the place of a blocked picture, and needs no language."""
    return Path(__file__).with_name("sign.png").read_bytes()


def stored_bytes(name: str) -> bytes:
    """A few megabytes at most: we encoded it. Raises Missing, or Unavailable: a bucket may be away."""
    try:
        with default_storage.open(name) as file:
            content: bytes = file.read()
            return content
    except FileNotFoundError:
        raise Missing(MISSING) from None
