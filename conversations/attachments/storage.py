"""Private files: named by what is in them, whole or not there, read by authorised views alone."""

import errno
import hashlib
import logging
import os
import re
import secrets
import shutil
import tempfile
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.core.files import File
from django.core.files.storage import FileSystemStorage, default_storage
from django.utils.translation import gettext_lazy as _

from conversations.attachments.confined import DISK_FULL
from conversations.errors import Unavailable

log = logging.getLogger(__name__)

NO_ROOM = {errno.ENOSPC, errno.EDQUOT}
CANNOT_WRITE = {*NO_ROOM, errno.EROFS, errno.EACCES, errno.EPERM, errno.EIO, errno.EMFILE}
CANNOT = _("The server cannot store pictures at the moment. Nothing was stored; try again later.")
# Longer than any picture takes: a folder this old belongs to a process that was killed.
STALE_SECONDS = 3600
# Where a proxy reads them (CHATSITE_ACCEL) it does so as one of their group.
FILES, DIRECTORIES = (0o640, 0o750) if settings.ACCEL else (0o600, 0o700)
# As copy_name has it.
COPY = re.compile(r"\.\d+(\.[a-z]+)$")
SUFFIXES = {"image/jpeg": "jpg", "image/png": "png", "image/webp": "webp"}


class PrivateFiles(FileSystemStorage):
    """DATA_DIR/files, without any address. A name is a hash: the same name, the same bytes."""

    def __init__(self) -> None:
        super().__init__(
            location=settings.DATA_DIR / "files",
            file_permissions_mode=FILES,
            directory_permissions_mode=DIRECTORIES,
        )

    def url(self, name: str | None) -> str:
        raise ValueError("private files have no address")

    def get_available_name(self, name: str, max_length: int | None = None) -> str:
        return name

    def delete_all(self, names: Collection[str]) -> None:
        for name in names:
            self.delete(name)

    def _save(self, name: str, content: "File[Any]") -> str:
        """By a file beside it and a rename: nobody ever sees, or keeps, half of it."""
        target = Path(self.path(name))
        target.parent.mkdir(mode=DIRECTORIES, parents=True, exist_ok=True)
        part = target.with_name(f".{secrets.token_hex(8)}.part")
        try:
            with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, FILES), "wb") as out:
                for chunk in content.chunks():
                    out.write(chunk)
            part.replace(target)
        finally:
            part.unlink(missing_ok=True)
        return name


def keep(path: Path, content_type: str) -> str:
    """Store what is at `path`; the name to find it by. Twice the same is stored once."""
    known = digest(path)
    name = f"{known[:2]}/{known}.{SUFFIXES[content_type]}"
    if not default_storage.exists(name):
        with path.open("rb") as file:
            default_storage.save(name, File(file))
    return name


def digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def copy_name(name: str, side: int) -> str:
    """Where the smaller copy of a picture lies (smaller.py)."""
    stem, _dot, suffix = name.rpartition(".")
    return f"{stem}.{side}.{suffix}"


def name_of_copied(name: str) -> str:
    """Of which picture it is a copy; its own name if it is none."""
    return COPY.sub(r"\1", name)


@contextmanager
def workspace() -> Iterator[Path]:
    """A folder for one upload, gone after it. A disk that refuses becomes Unavailable."""
    with disk_trouble_told():
        place = room()
        _sweep(place)
        with tempfile.TemporaryDirectory(prefix="picture-", dir=place) as folder:
            yield Path(folder)


def room() -> Path:
    """Where what is on its way lies, on the disk of the data directory."""
    place: Path = settings.DATA_DIR / "tmp"
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    return place


def nameless(folder: Path) -> IO[bytes]:
    """A file without a name: what strangers upload is gone with the process, however it ends."""
    return tempfile.TemporaryFile(dir=folder)


@contextmanager
def disk_trouble_told() -> Iterator[None]:
    try:
        yield
    except OSError as trouble:
        if trouble.errno not in CANNOT_WRITE:
            raise
        log.warning("the disk refuses pictures: %s", errno.errorcode[trouble.errno])
        raise Unavailable(DISK_FULL if trouble.errno in NO_ROOM else CANNOT) from trouble


def _sweep(room: Path) -> None:
    """Remove what a killed process left; others may be sweeping too."""
    for left in (*room.glob("picture-*"), *room.glob("*.upload*")):
        with suppress(FileNotFoundError):
            if left.stat().st_mtime > time.time() - STALE_SECONDS:
                continue
            if left.is_dir():
                shutil.rmtree(left, ignore_errors=True)
            else:  # a large upload, as Django keeps it while it reads the form
                left.unlink()
