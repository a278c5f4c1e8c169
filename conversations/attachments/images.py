"""Stored pictures on their way out, to the model and to the page."""

from base64 import b64encode

from django.core.files.storage import default_storage
from django.utils.translation import gettext_lazy as _

from conversations.errors import Unavailable
from conversations.models import Blob
from conversations.reading.image_object import image_object

__all__ = ["data_url", "image_object", "stored_bytes"]

MISSING = _("A picture of this conversation is missing on the server's disk.")


def data_url(blob: Blob) -> str:
    """The picture as the provider reads it: exactly the stored bytes, in base64."""
    encoded = b64encode(stored_bytes(blob.name)).decode("ascii")
    return f"data:{blob.content_type};base64,{encoded}"


def stored_bytes(name: str) -> bytes:
    """A few megabytes at most: we encoded it. Raises Unavailable when it is gone."""
    try:
        with default_storage.open(name) as file:
            content: bytes = file.read()
            return content
    except FileNotFoundError:
        raise Unavailable(MISSING) from None
