"""The file itself: a tar, written and read once from its beginning to its end, in little memory.

The last member is the SHA-256 of the lines `digest size name` of all others, in their order. Who lacks it
was cut; who has another was changed. Any `tar` lists and unpacks it.
"""

import tarfile
import time
from collections.abc import Iterator
from hashlib import sha256
from typing import IO

from conversations.errors import Invalid

END = "SHA256"
BLOCK = tarfile.BLOCKSIZE
# A piece of a table, or a picture: both are far smaller. It is read at once.
MOST_BYTES = 1024 * 1024 * 1024

CUT = "The archive is cut off: its end is missing."
CHANGED = "The archive was changed or damaged since it was written."
NOT_OURS = "This is no backup that `manage.py backup` has written."


class Damaged(Invalid):
    """An archive that is not what was written."""


class Writer:
    def __init__(self, out: IO[bytes]) -> None:
        self.out = out
        self.bytes = 0
        self._lines = sha256()

    def add(self, name: str, content: bytes) -> None:
        self._lines.update(_line(name, content))
        self._put(name, content)

    def close(self) -> str:
        """The end is written; the digest of all that stands before it."""
        digest = self._lines.hexdigest()
        self._put(END, f"{digest}\n".encode())
        self._write(bytes(2 * BLOCK))
        return digest

    def _put(self, name: str, content: bytes) -> None:
        info = tarfile.TarInfo(name)
        info.size, info.mode, info.mtime = len(content), 0o600, int(time.time())
        self._write(info.tobuf(tarfile.USTAR_FORMAT))
        self._write(content)
        self._write(bytes(-len(content) % BLOCK))

    def _write(self, some: bytes) -> None:
        self.out.write(some)
        self.bytes += len(some)


class Reader:
    """The members of an archive; `digest` is there once all were read."""

    def __init__(self, file: IO[bytes]) -> None:
        self.file = file
        self.digest = ""

    def __iter__(self) -> Iterator[tuple[str, bytes]]:
        """Raises Damaged, perhaps only in the end: then nothing that came is to be believed."""
        lines = sha256()
        while True:
            name, content = _next(self.file)
            if name == END:
                break
            lines.update(_line(name, content))
            yield name, content
        self.digest = lines.hexdigest()
        nothing = bytes(2 * BLOCK)
        if content != f"{self.digest}\n".encode() or self.file.read(2 * BLOCK + 1) != nothing:
            raise Damaged(CHANGED)


def _line(name: str, content: bytes) -> bytes:
    return f"{sha256(content).hexdigest()} {len(content)} {name}\n".encode()


def _next(file: IO[bytes]) -> tuple[str, bytes]:
    try:
        info = tarfile.TarInfo.frombuf(_exactly(file, BLOCK), "utf-8", "strict")
    except (tarfile.HeaderError, UnicodeDecodeError):
        raise Damaged(CHANGED if file.tell() > BLOCK else NOT_OURS) from None
    if not info.isreg() or info.size > MOST_BYTES:
        raise Damaged(CHANGED)
    content = _exactly(file, info.size)
    _exactly(file, -info.size % BLOCK)
    return info.name, content


def _exactly(file: IO[bytes], count: int) -> bytes:
    some = file.read(count)
    if len(some) < count:
        raise Damaged(CUT)
    return some
