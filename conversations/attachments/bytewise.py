"""Numbers at places of a file that somebody else wrote."""

import struct
from typing import IO, Any

from conversations.errors import marked as _

DAMAGED = _("The file is damaged or incomplete.")


def at(file: IO[bytes], offset: int, form: str) -> tuple[Any, ...]:
    """What stands at `offset`. Raises struct.error when the file ends before or inside it."""
    file.seek(offset)
    return struct.unpack(form, file.read(struct.calcsize(form)))
