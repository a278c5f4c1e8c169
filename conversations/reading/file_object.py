"""A text file as the object of the protocol."""

from typing import Any

from conversations.models import TextFile


def file_object(file: TextFile) -> dict[str, Any]:
    """Its address answers only to who may see it."""
    return {
        "id": str(file.pk),
        "name": file.name,
        "bytes": file.bytes,
        "url": f"/files/{file.pk}/",
    }
