"""The files that rows name, from the disk or the bucket and into it.

Smaller copies for models are not taken along: who finds none makes one (attachments/smaller.py).
"""

import re
from collections.abc import Iterator
from hashlib import sha256
from pathlib import PurePosixPath
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from psycopg import Connection

FOLDER = "files/"
# As attachments/storage.py makes them: the name is the SHA-256 of what is in it.
NAME = re.compile(r"[0-9a-f]{2}/[0-9a-f]{64}\.(?:jpg|png|webp)")
NAMES = """
SELECT name FROM conversations_blob UNION SELECT thumbnail_name FROM conversations_blob ORDER BY 1
"""
AT_ONCE = 1000


def named(postgres: Connection[tuple[Any, ...]]) -> Iterator[str]:
    """All names in the snapshot, some at a time; a picture that was stored twice has one."""
    with postgres.cursor(name="pictures") as cursor:
        cursor.itersize = AT_ONCE
        for (name,) in cursor.execute(NAMES):
            yield name


def read(name: str) -> bytes | None:
    """None: it is gone, or has other bytes than it was stored with."""
    try:
        with default_storage.open(name) as file:
            content: bytes = file.read()
    except FileNotFoundError:
        return None
    return content if is_whole(name, content) else None


def is_whole(name: str, content: bytes) -> bool:
    return PurePosixPath(name).stem == sha256(content).hexdigest()


def store(name: str, content: bytes) -> None:
    """Once: a restore that is done again finds it there."""
    if read(name) is None:
        default_storage.save(name, ContentFile(content))
