"""Text files that staff open: as private as words, and as much on record."""

from conversations import audit
from conversations.models import TextFile, User


def opened(reader: User, file: TextFile, *, address: str | None) -> None:
    """Write down that `reader` sees somebody else's file. Call it before it is shown."""
    if file.owner_id != reader.pk:
        audit.record(reader, "file.read", file, owner=file.owner, address=address)
