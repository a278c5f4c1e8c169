"""The file that was brought: a ZIP of strangers, of which nothing is unpacked to the disk."""

import re
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, cast

from django.utils.translation import gettext_lazy as _

from conversations.errors import Invalid, TooLarge

# A real export of ten years has some ten thousand pictures.
MOST_ENTRIES = 50_000
# What the list of entries may have: `zipfile` reads all of it into memory.
LIST_BYTES = 12 * 1024 * 1024
# All conversations of an export, unpacked.
JSON_BYTES = 2 * 1024 * 1024 * 1024
ASSETS_BYTES = 8 * 1024 * 1024 * 1024
# Conversations may name the same small file for ever.
MOST_READ = 2 * MOST_ENTRIES
# Words are packed to a tenth, the most tedious log to a hundredth; more is made to unpack for ever.
RATIO, RATIO_FROM_BYTES = 200, 10 * 1024 * 1024

NOT_ZIP = _("This file cannot be read: it is neither a ZIP nor JSON, or it is damaged.")
TOO_MANY = _("This ZIP has more files than an export can have.")
TOO_MUCH = _("This ZIP unpacks to more than can be taken in.")
NOTHING = _("There are no conversations in this file.")

CONVERSATIONS = re.compile(r"(?:^|/)conversations(?:-\d{1,6})?\.json$")
ASSET_ID = re.compile(r"file[-_][0-9A-Za-z]{6,64}")

ENTRY, END = b"PK\x01\x02", b"PK\x05\x06"
BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    NotImplementedError,  # zipfile, of a compression or an encryption that it does not know
    RuntimeError,
    EOFError,
    OSError,
    ValueError,
)


class Archive:
    """Conversations by part, and what else is in the ZIP by name or by the id in its name."""

    def __init__(self, file: IO[bytes]) -> None:
        self._zip = _opened(file)
        self._by_name: dict[str, zipfile.ZipInfo] = {}
        self._by_id: dict[str, zipfile.ZipInfo] = {}
        self._read = self._read_bytes = 0
        for info in self._zip.infolist():
            if not info.is_dir():
                self._by_name[info.filename] = info
                if found := ASSET_ID.match(info.filename.rpartition("/")[2]):
                    self._by_id.setdefault(found[0], info)

    def parts(self) -> list[str]:
        """The names of what has conversations in it. Raises Invalid, or TooLarge for a bomb."""
        names = sorted(name for name in self._by_name if CONVERSATIONS.search(name))
        if not names:
            raise Invalid(str(NOTHING))
        infos = [self._by_name[name] for name in names]
        if sum(info.file_size for info in infos) > JSON_BYTES or any(map(_is_bomb, infos)):
            raise TooLarge(str(TOO_MUCH))
        return names

    def size(self, name: str) -> int:
        """Unpacked."""
        return self._by_name[name].file_size

    @contextmanager
    def part(self, name: str) -> Iterator[IO[bytes]]:
        with readable(), self._zip.open(self._by_name[name]) as file:
            yield file

    def asset(self, named: str, most: int) -> bytes | None:
        """The file of that name, or with the id that is in it. None: not there, damaged or too large."""
        info = self._by_name.get(named)
        if info is None and (found := ASSET_ID.match(named.rpartition("/")[2])):
            info = self._by_id.get(found[0])
        if info is None or info.file_size > most or _is_bomb(info):
            return None
        self._read += 1
        self._read_bytes += info.file_size
        if self._read > MOST_READ or self._read_bytes > ASSETS_BYTES:
            return None
        try:
            with self._zip.open(info) as file:
                return file.read(most)
        except BROKEN:
            return None


@contextmanager
def readable() -> Iterator[None]:
    """What a damaged ZIP raises while it is read becomes a sentence."""
    try:
        yield
    except BROKEN as broken:
        raise Invalid(str(NOT_ZIP)) from broken


def is_zip(file: IO[bytes]) -> bool:
    file.seek(0)
    found = file.read(4)
    file.seek(0)
    return found in (b"PK\x03\x04", END)


class _Measured:
    """The file while `zipfile` reads the list of its entries, which it asks for in one piece.

    A ZIP may tell the list's size in three places, each time another one, and which of them counts differs
    from Python to Python: so what is asked for is what is measured.
    """

    def __init__(self, file: IO[bytes]) -> None:
        self.seek, self.tell = file.seek, file.tell
        self._file = file

    def read(self, size: int = -1) -> bytes:
        if size > LIST_BYTES:
            raise TooLarge(str(TOO_MANY))
        found = self._file.read(size)
        if found.count(ENTRY) > MOST_ENTRIES:  # an object of a kilobyte would be made of each
            raise TooLarge(str(TOO_MANY))
        return found


def _opened(file: IO[bytes]) -> zipfile.ZipFile:
    with readable():
        opened = zipfile.ZipFile(cast("IO[bytes]", _Measured(file)))
    opened.fp = file
    return opened


def _is_bomb(info: zipfile.ZipInfo) -> bool:
    return info.file_size > RATIO_FROM_BYTES and info.file_size > RATIO * max(1, info.compress_size)
