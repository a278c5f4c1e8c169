"""The file that was brought: a ZIP of strangers, of which nothing is unpacked to the disk."""

import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO

from django.utils.translation import gettext_lazy as _

from conversations.errors import Invalid, TooLarge

# A real export of ten years has some ten thousand pictures.
MOST_ENTRIES = 50_000
# What the list of entries may have: `zipfile` reads all of it into memory.
LIST_BYTES = 12 * 1024 * 1024
# All conversations of an export, unpacked.
JSON_BYTES = 2 * 1024 * 1024 * 1024
ASSETS_BYTES = 8 * 1024 * 1024 * 1024
# Words are packed to a tenth, the most tedious log to a hundredth; more is made to unpack for ever.
RATIO, RATIO_FROM_BYTES = 200, 10 * 1024 * 1024

NOT_ZIP = _("This file cannot be read: it is neither a ZIP nor JSON, or it is damaged.")
TOO_MANY = _("This ZIP has more files than an export can have.")
TOO_MUCH = _("This ZIP unpacks to more than can be taken in.")
NOTHING = _("There are no conversations in this file.")

CONVERSATIONS = re.compile(r"(?:^|/)conversations(?:-\d{1,6})?\.json$")
ASSET_ID = re.compile(r"file[-_][0-9A-Za-z]{6,64}")

END, END_64, PLACE_64 = b"PK\x05\x06", b"PK\x06\x06", b"PK\x06\x07"
END_BYTES, COMMENT_BYTES = 22, 65_535
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
        self._read_bytes = 0
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
        self._read_bytes += info.file_size
        if self._read_bytes > ASSETS_BYTES:
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


def _opened(file: IO[bytes]) -> zipfile.ZipFile:
    with readable():
        if _list_bytes(file) > LIST_BYTES:
            raise TooLarge(str(TOO_MANY))
        opened = zipfile.ZipFile(file)
    if len(opened.infolist()) > MOST_ENTRIES:
        raise TooLarge(str(TOO_MANY))
    return opened


def _list_bytes(file: IO[bytes]) -> int:
    """How large the ZIP's list of entries says that it is: asked before anybody reads it."""
    size = file.seek(0, 2)
    start = max(0, size - END_BYTES - COMMENT_BYTES)
    file.seek(start)
    tail = file.read()
    at = tail.rfind(END)
    if at < 0 or len(tail) - at < END_BYTES:
        raise Invalid(str(NOT_ZIP))
    told: int = struct.unpack_from("<L", tail, at + 12)[0]
    place = tail[at - 20 : at] if at >= 20 else b""
    if not place.startswith(PLACE_64):
        return told
    file.seek(struct.unpack_from("<Q", place, 8)[0])
    end = file.read(56)
    if len(end) < 56 or not end.startswith(END_64):
        raise Invalid(str(NOT_ZIP))
    told_64: int = struct.unpack_from("<Q", end, 40)[0]
    return max(told if told != 0xFFFFFFFF else 0, told_64)


def _is_bomb(info: zipfile.ZipInfo) -> bool:
    return info.file_size > RATIO_FROM_BYTES and info.file_size > RATIO * max(1, info.compress_size)
