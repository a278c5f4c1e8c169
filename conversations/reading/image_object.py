"""A picture as the object of PROTOCOL.md."""

from typing import Any

from conversations.models import Image
from conversations.reading.moments import when


def image_object(image: Image) -> dict[str, Any]:
    """`blob` should have been fetched with it. Its addresses answer only to who may see it."""
    return {
        "id": str(image.pk),
        "width": image.blob.width,
        "height": image.blob.height,
        "bytes": image.blob.bytes,
        "content_type": image.blob.content_type,
        "url": f"/images/{image.pk}/",
        "thumbnail_url": f"/images/{image.pk}/thumbnail/",
        "alt": image.alt,
        "source": image.source,
        "blocked": image.blob.blocked,
        "created_at": when(image.created_at),
    }
