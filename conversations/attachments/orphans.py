"""What a crash, a restore or a shell left: files without a row, rows that nobody has, rows without files."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import islice

from django.core.files.storage import default_storage

from conversations.attachments import leaving
from conversations.models import Blob

# Younger ones may be an upload that is just being written down, or the database of a backup that is
# older than its files: somebody should have the time to see that.
GRACE = timedelta(hours=24)
# Of a transaction that keeps all uploads waiting.
AT_ONCE = 50


def files() -> Iterator[list[str]]:
    """The names of all that are stored, some at a time. Asks no database."""
    names = _names("")
    while some := list(islice(names, AT_ONCE)):
        yield some


def due(names: Sequence[str], before: datetime) -> list[str]:
    """Those without a row that were stored before. Their age comes last: a bucket is asked for each."""
    return [name for name in leaving.without_row(names) if _is_older(name, before)]


def take_away_files(names: Sequence[str], before: datetime) -> int:
    """In a transaction. Looked at once more: somebody may have stored the same picture since."""
    old = due(names, before)
    if not old:
        return 0
    leaving.hold_files(leaving.ALONE)
    gone = leaving.without_row(old)
    return len(gone) if leaving.delete_files(gone) else 0


def take_away_rows(before: datetime) -> int:
    """Pictures that are nobody's. In a transaction; 0 once there are no more."""
    due = Blob.objects.filter(images=None, created_at__lt=before)
    if not due.exists():
        return 0
    leaving.hold_files(leaving.ALONE)
    some = list(due.order_by("pk")[:AT_ONCE])
    leaving.take_away(some)
    return len(some)


def without_file() -> Iterator[Blob]:
    """Their bytes are lost here: a backup may still have them, so the rows stay."""
    for blob in Blob.objects.order_by("pk").iterator():
        if not all(map(default_storage.exists, (blob.name, blob.thumbnail_name))):
            yield blob


def _names(folder: str) -> Iterator[str]:
    try:
        folders, files = default_storage.listdir(folder)
    except FileNotFoundError:  # nobody has stored anything yet
        return
    within = f"{folder}/" if folder else ""
    for name in files:
        yield within + name
    for name in folders:
        yield from _names(within + name)


def _is_older(name: str, before: datetime) -> bool:
    try:
        return default_storage.get_modified_time(name) < before
    except FileNotFoundError:  # deleted meanwhile
        return False
