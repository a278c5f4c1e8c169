"""Pictures that staff open: as private as words, and as much on record."""

from conversations import audit
from conversations.models import Image, User


def opened(reader: User, image: Image, *, address: str | None) -> None:
    """Write down that `reader` sees somebody else's picture whole. Call it before it is shown.

    Not for thumbnails: their addresses stand only on pages whose reading is on record itself, the
    transcript and the list of pictures.
    """
    if image.owner_id != reader.pk:
        audit.record(reader, "image.read", image, owner=image.owner, address=address)
