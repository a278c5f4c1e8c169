"""Pictures that nobody may bring here: refused at every door, and a sign is shown in their place.

Told by their bytes alone, as they were uploaded or as we made them ready: who changes a pixel has
another picture. What is stored stays, so that a block can be lifted.
"""

from collections.abc import Collection, Iterable
from pathlib import PurePosixPath

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from conversations.attachments import leaving
from conversations.errors import NotAllowed
from conversations.models import Blob, BlockedPicture

BLOCKED = _("This picture is blocked on this site.")


def among(digests: Collection[str]) -> set[str]:
    """Those of these SHA-256 that are blocked. Sure until the end of a transaction that holds the files."""
    rows = _blocks(digests)
    both = {digest for pair in rows.values_list("sha256", "stored") for digest in pair}
    # Uploads that came to the same as one of those.
    alike = Blob.objects.filter(sha256__in=digests, blocked=True).values_list("sha256", flat=True)
    return (both & set(digests)) | set(alike)


def refuse(digests: Collection[str]) -> None:
    if among(digests):
        raise NotAllowed(BLOCKED, fields={"file": [BLOCKED]})


def block(blob: Blob, note: str = "") -> BlockedPicture:
    """What was uploaded and what was made of it. In a transaction; once is as good as twice."""
    leaving.hold_files(leaving.ALONE)
    made = {"stored": _digest_of(blob), "note": note}
    row, _is_new = BlockedPicture.objects.get_or_create(sha256=blob.sha256, defaults=made)
    _mark(row)
    return row


def apply(row: BlockedPicture) -> None:
    """Of a block that was added by its SHA-256: whoever has the picture sees it no more."""
    leaving.hold_files(leaving.ALONE)
    _mark(row)


def lift(rows: Iterable[BlockedPicture]) -> None:
    """Shown again, unless something else blocks it. In a transaction."""
    leaving.hold_files(leaving.ALONE)
    for row in list(rows):
        row.delete()
        freed = [blob.pk for blob in _same(row) if not _blocks_of(blob).exists()]
        Blob.objects.filter(pk__in=freed).update(blocked=False, ocr_text=None)


def _mark(row: BlockedPicture) -> None:
    """What was read in it goes, too: models are told no more of it than people."""
    _same(row).update(blocked=True, ocr_text="")


def _blocks(digests: Collection[str]) -> QuerySet[BlockedPicture]:
    return BlockedPicture.objects.filter(Q(sha256__in=digests) | Q(stored__in=digests))


def _blocks_of(blob: Blob) -> QuerySet[BlockedPicture]:
    """`_same`, from the other side."""
    return _blocks({blob.sha256, _digest_of(blob)})


def _digest_of(blob: Blob) -> str:
    """Of what was made of it: its name is its hash."""
    return PurePosixPath(blob.name).stem


def _same(row: BlockedPicture) -> QuerySet[Blob]:
    """As it was uploaded by whomever, also by who uploaded what we had made of it."""
    known = {row.sha256, row.stored} - {""}
    alike = Q(sha256__in=known)
    for digest in known:
        alike |= Q(name__startswith=f"{digest[:2]}/{digest}.")
    return Blob.objects.filter(alike)
