"""Pictures that nobody shows any more: their rows go, and their bytes."""

import logging
from collections.abc import Collection, Iterable
from datetime import datetime
from itertools import chain
from uuid import UUID

from django.core.files.storage import default_storage
from django.db import connection, transaction
from django.db.models import Q, QuerySet

from conversations import holds
from conversations.attachments import storage
from conversations.db import alone
from conversations.errors import Unavailable
from conversations.models import Blob, Conversation, Image, MessageImage
from conversations.models.catalogue import PICTURE_SIDES

log = logging.getLogger(__name__)

# Who writes the row of a picture holds it shared, who takes files away holds it alone, until its transaction
# ends: no file is taken from under a row that is just being written. Files are stored before, without it:
# a bucket may take its time, and behind one who wants it alone everybody waits for who has it.
FILES_LOCK = 0x63686174_66696C65  # "chatfile"
# Whoever makes a backup holds it shared until the last picture is read. Nobody waits for that: what
# would go stays without a row, and goes with the daily look for such files (orphans.py).
KEPT_LOCK = 0x63686174_6B656570  # "chatkeep"
SHARED = "SELECT pg_advisory_xact_lock_shared(%s)"
ALONE = "SELECT pg_advisory_xact_lock(%s)"


def hold_files(statement: str = SHARED) -> None:
    """In a transaction, before it looks for a file."""
    with connection.cursor() as cursor:
        cursor.execute(statement, [FILES_LOCK])


def shown_in(conversation: Conversation) -> list[UUID]:
    """The ids of the pictures that stand in a conversation."""
    return used(MessageImage.objects.filter(message__conversation=conversation))


def used(places: QuerySet[MessageImage]) -> list[UUID]:
    """The ids of the pictures that stand in these places."""
    return list(places.order_by().values_list("image_id", flat=True).distinct())


def forget(images: Collection[UUID], *, before: datetime) -> None:
    """Those of `images` that stand nowhere and were not stored again since `before`. In a transaction.

    The bytes go before it commits: should it fail then, a row that nothing shows has lost its file,
    and the other way round somebody's picture would stay until somebody looks for such files.
    """
    rows = Image.objects.filter(pk__in=images)
    if images and _unused(rows, before).exists():
        # Before any row: who stores one of them again holds the files, too, and then asks for its row.
        hold_files(ALONE)
        # Then the lock and then the look: a message that is being sent holds its pictures.
        list(rows.order_by("pk").select_for_update().values_list("pk"))
        _delete(_unused(rows, before))


def _unused(images: QuerySet[Image], before: datetime) -> QuerySet[Image]:
    return images.filter(uses=None, created_at__lt=before).exclude(holds.of_held_people())


def _delete(images: QuerySet[Image]) -> None:
    blobs = list(images.values_list("blob_id", flat=True))
    images.delete()
    take_away(Blob.objects.filter(pk__in=blobs, images=None))


def delete(image: Image) -> None:
    """One that stands nowhere, however new it is. The caller holds the files alone, and its row."""
    _delete(Image.objects.filter(pk=image.pk))


def take_away(blobs: Iterable[Blob]) -> None:
    """Rows that nobody has, and their files, all at once. The caller holds the files alone."""
    files: dict[str, list[str]] = {}
    for blob in list(blobs):
        blob.delete()
        files |= {blob.name: _copies(blob), blob.thumbnail_name: []}
    gone = without_row(files)
    delete_files([*gone, *chain.from_iterable(files[name] for name in gone)])


@transaction.atomic
def put_for_nothing(names: Collection[str]) -> None:
    """Files whose rows were refused, but not those that somebody else has stored meanwhile."""
    hold_files(ALONE)
    delete_files(without_row(names))


def without_row(names: Collection[str]) -> list[str]:
    """A smaller copy belongs to the row of its picture."""
    of = {name: storage.name_of_copied(name) for name in names}
    rows = Blob.objects.filter(Q(name__in=of.values()) | Q(thumbnail_name__in=of.values()))
    known = {name for pair in rows.values_list("name", "thumbnail_name") for name in pair}
    return [name for name in names if of[name] not in known]


def delete_files(names: Collection[str]) -> bool:
    """Whether they went: not while a backup reads them, nor from a bucket that is away. The caller holds the
    files alone. What stays goes with the daily look for files without a row."""
    may_go = alone(KEPT_LOCK)
    if names and may_go:
        try:
            default_storage.delete_all(names)  # type: ignore[attr-defined]
        except Unavailable:  # it has said why
            log.warning("%s files are left to the sweep", len(names))
            return False
    return may_go


def _copies(blob: Blob) -> list[str]:
    """Whatever smaller ones there may be (smaller.py)."""
    sides = [side for side in PICTURE_SIDES if side < max(blob.width, blob.height)]
    return [storage.copy_name(blob.name, side) for side in sides]
