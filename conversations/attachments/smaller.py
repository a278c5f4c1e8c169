"""A picture for a model that sees less of it than is stored: a copy, made once and kept beside it.

It is nothing but a copy: who finds none makes one, and who cannot sends the picture itself.
"""

import logging

from django.core.files import File
from django.core.files.storage import default_storage
from django.db import transaction

from conversations.attachments import leaving, storage
from conversations.attachments.confined import Died, Program
from conversations.db import give_back_connection
from conversations.errors import Unavailable
from conversations.models import Blob

log = logging.getLogger(__name__)

# For a question that waits: besides the two that make uploads ready, and sooner given up.
shrinker = Program("conversations.attachments.decoder", at_once=2, seconds=10)


def copy_of(blob: Blob, side: int) -> bytes | None:
    """Its bytes; None: the picture is no larger, or no copy can be made."""
    if max(blob.width, blob.height) <= side:
        return None
    try:
        return _read(storage.copy_name(blob.name, side))
    except FileNotFoundError:
        return _made(blob, side)


def _read(name: str) -> bytes:
    with default_storage.open(name) as file:
        content: bytes = file.read()
        return content


def _made(blob: Blob, side: int) -> bytes | None:
    give_back_connection()
    try:
        with storage.workspace() as folder, storage.nameless(folder) as picture:
            picture.write(_read(blob.name))
            picture.flush()
            shrinker.run(picture, folder, str(side))
            with (folder / "full").open("rb") as copy:
                _keep(blob, storage.copy_name(blob.name, side), File(copy))
                copy.seek(0)
                return copy.read()
    except (Died, Unavailable, FileNotFoundError) as trouble:
        log.warning("picture %s could not be made smaller: %r", blob.pk, trouble)
        return None
    finally:
        give_back_connection()


def _keep(blob: Blob, name: str, copy: "File[bytes]") -> None:
    """Not of a picture that went meanwhile: nobody would ever take the copy away."""
    default_storage.save(name, copy)
    with transaction.atomic():
        leaving.hold_files()
        stays = Blob.objects.filter(pk=blob.pk).exists()
    if not stays:
        default_storage.delete(name)
