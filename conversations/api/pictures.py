"""Uploads on the request's own thread, a few at a time."""

import threading
from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import Sequence

from django.core.files.base import ContentFile
from django.db import connections
from django.utils.translation import gettext_lazy as _

from conversations.attachments.accept import Upload, accept
from conversations.errors import Invalid, Words
from conversations.models import Image, User

# Each is copied and hashed here, and then stands in line for one of two decoders (accept.py).
CALLS_AT_ONCE = 4
_room = threading.BoundedSemaphore(CALLS_AT_ONCE)

NO_ADDRESSES = _(
    "This site does not fetch pictures from addresses yet. "
    "Send the file itself, or its bytes as a data: URL."
)
NO_DATA_URL = _("This is not a picture as a data: URL in base64.")


def taken_in(user: User, uploads: Sequence[Upload]) -> list[Image]:
    """In no transaction: decoding takes seconds, and waiting for a turn holds no connection."""
    try:
        with _room:
            return accept(user, uploads)
    finally:
        connections.close_all()


def of_data_url(url: str) -> "ContentFile[bytes]":
    """The bytes of `data:image/…;base64,…`; what they really are, accept.py finds out."""
    head, comma, encoded = url.partition(",")
    if head[:5].lower() != "data:":
        raise _wrong(NO_ADDRESSES)
    kind, *parameters = head[5:].lower().split(";")
    if not comma or not kind.startswith("image/") or "base64" not in parameters:
        raise _wrong(NO_DATA_URL)
    try:
        return ContentFile(b64decode("".join(encoded.split()), validate=True))
    except (NotBase64, ValueError):
        raise _wrong(NO_DATA_URL) from None


def _wrong(sentence: Words) -> Invalid:
    return Invalid(sentence, fields={"image_url": [sentence]})
