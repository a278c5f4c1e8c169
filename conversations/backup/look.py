"""Reading a backup through before anything is done with it."""

import re
from dataclasses import dataclass
from pathlib import Path

from conversations.backup import manifest, pictures
from conversations.backup.archive import CHANGED, NOT_OURS, Damaged, Reader
from conversations.backup.manifest import Contents, Manifest
from conversations.backup.take import KEY_FILE

TABLE = re.compile(r"tables/([a-z][a-z0-9_]*)/\d{6}\.gz")
OTHER_DIGEST = "The archive is whole, but it is another one: its digest is {digest}."


@dataclass(frozen=True)
class Looked:
    """What a whole archive says of itself."""

    manifest: Manifest
    contents: Contents
    digest: str
    has_key: bool


def through(path: Path, *, digest: str = "") -> Looked:
    """All of it is read, and nothing kept. Raises Damaged, or Invalid where this version cannot read it."""
    with path.open("rb") as file:
        reader = Reader(file)
        first = last = None
        has_key = False
        for name, content in reader:
            if first is None:
                first = _first(name, content)
            elif name == manifest.LAST:
                last = Contents.read(content)
            else:
                _must_be_ours(name, content)
            has_key = has_key or name == KEY_FILE
    if first is None or last is None:
        raise Damaged(NOT_OURS)
    if digest and digest.lower() != reader.digest:
        raise Damaged(OTHER_DIGEST.format(digest=reader.digest))
    return Looked(first, last, reader.digest, has_key)


def _first(name: str, content: bytes) -> Manifest:
    if name != manifest.FIRST:
        raise Damaged(NOT_OURS)
    first = Manifest.read(content)
    first.must_be_known()
    return first


def _must_be_ours(name: str, content: bytes) -> None:
    """No name leads anywhere but where it belongs, and no picture has other bytes than its name says."""
    if name == KEY_FILE or TABLE.fullmatch(name):
        return
    picture = name.removeprefix(pictures.FOLDER)
    if not (pictures.NAME.fullmatch(picture) and pictures.is_whole(picture, content)):
        raise Damaged(CHANGED)
