"""Small pictures, drawn here and stored as everybody's are: looked at, made ready, in private storage."""

import struct
import zlib
from collections.abc import Iterator, Sequence
from datetime import datetime
from uuid import UUID

from django.core.files.base import ContentFile
from django.db import transaction
from django.utils import timezone

from conversations.attachments import accept, leaving
from conversations.models import Image, User

# Different ones. Their files are shared, so a site of a million messages stores no more of them.
MOST = accept.MAX_FILES
# A row is what `load.TABLES` calls its columns, by table.
Row = tuple[str, tuple[object, ...]]
WIDTH, HEIGHT = 320, 240
FADE = 255 / HEIGHT


class Album:
    """Which of the pictures each person has by now: the same one twice is one row."""

    def __init__(self, first: User, count: int) -> None:
        self.stored: list[UUID] = []  # in the order they were drawn
        self.rows: dict[tuple[UUID, UUID], UUID] = {}
        files = [ContentFile(_png(number)) for number in range(min(count, MOST))]
        for image in accept.accept(first, files) if files else ():
            self.stored.append(image.blob_id)
            self.rows[first.pk, image.blob_id] = image.pk

    def shown(self, owner: UUID, question: UUID, new: UUID, at: datetime) -> Iterator[Row]:
        """The rows of one in a question; `new` names it where this person did not have it yet."""
        blob = self.stored[new.int % len(self.stored)]
        image = self.rows.setdefault((owner, blob), new)
        if image == new:
            yield "image", (new, owner, blob, at)
        yield "shown", (question, image)


@transaction.atomic
def forget(owners: Sequence[UUID]) -> None:
    """Their pictures, which stand nowhere any more; and the files, where nobody else has them."""
    mine = Image.objects.filter(owner__in=owners).values_list("pk", flat=True)
    leaving.forget(list(mine), before=timezone.now())


def _png(number: int) -> bytes:
    """A field of colour that fades: some hundred bytes, and as real as any other."""
    red, green, blue = 40 + number * 20, 200 - number * 15, (number * 67) % 200
    lines = (
        bytes((red, green, min(255, blue + int(at * FADE) // 4))) * WIDTH for at in range(HEIGHT)
    )
    body = zlib.compress(b"".join(b"\0" + line for line in lines))
    head = struct.pack(">IIBBBBB", WIDTH, HEIGHT, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", head), (b"IDAT", body), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(*chunk) for chunk in chunks)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
