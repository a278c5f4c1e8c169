"""Eyes for a model that has none: what `rapidocr` reads in a picture, read once and kept."""

import logging
from importlib.util import find_spec
from uuid import UUID

from conversations.attachments import storage
from conversations.attachments.confined import Died, Program
from conversations.attachments.images import stored_bytes
from conversations.db import give_back_connection
from conversations.errors import Unavailable
from conversations.models import Blob
from conversations.text import clean

log = logging.getLogger(__name__)

# A full page of small print; more would crowd the question out of a small model's window.
CHARACTERS = 20_000

# One at a time: it takes 430 MB and two threads. A bill takes 2 to 4 s, a full page of small print
# 7 to 10 s, twice that on a busy machine: rather late than for nothing.
reader = Program("conversations.attachments.reader", at_once=1, seconds=45)
# Pictures that it could not read in time: tried once a process, not again with every message.
_given_up: set[UUID] = set()


def available() -> bool:
    """Whether the reader is installed (the extra `[embedded]`). Imports nothing."""
    return find_spec("rapidocr") is not None


def text_in(blob: Blob) -> str:
    """The text in the picture, lines from top to bottom; empty when there is none or no reader.

    Takes seconds the first time: call it by `asyncio.to_thread`, not by `in_db`, which would hold
    a transaction and one of its few threads meanwhile. It holds no connection while it waits.
    """
    if blob.blocked or blob.ocr_text is not None or blob.pk in _given_up or not available():
        return blob.ocr_text or ""
    give_back_connection()
    try:
        blob.ocr_text = _read(blob)
    except (Died, Unavailable) as trouble:
        log.warning("the text in picture %s could not be read: %r", blob.pk, trouble)
        if isinstance(trouble, Died):
            _given_up.add(blob.pk)
        return ""
    kept = Blob.objects.filter(pk=blob.pk, blocked=False).update(ocr_text=blob.ocr_text)
    give_back_connection()
    return blob.ocr_text if kept else ""  # it was blocked while it was read, or it is gone


def _read(blob: Blob) -> str:
    with storage.workspace() as folder, storage.nameless(folder) as picture:
        picture.write(stored_bytes(blob.name))
        picture.flush()
        reply = reader.run(picture, folder)
    return clean(str(reply.get("text", ""))).strip()[:CHARACTERS]
