"""A ZIP that is made while it is sent: nothing of it waits in memory or on the disk.

One entry after the other, each of pieces that are read page by page; sizes of more than 4 GB are
right, because every entry is written in the 64-bit form.
"""

import zipfile
from collections.abc import Callable, Generator, Iterable, Iterator
from itertools import chain
from typing import IO, cast
from uuid import UUID

from django.utils import timezone

from conversations.attachments.images import picture_of
from conversations.chat.export import document, everything, markdown, rows
from conversations.chat.export.file import AS_IT_IS, File
from conversations.chat.export.names import Names, fit
from conversations.errors import NotFound, Unavailable
from conversations.models import Blob, TextFile, User

PIECE_BYTES = 64 * 1024
# What of how much is done.
Tell = Callable[[int, int], None]


class _Out:
    """Where the ZIP is written: what has gathered is taken out and sent."""

    def __init__(self) -> None:
        self._gathered = bytearray()
        self._at = 0

    def write(self, data: bytes) -> int:
        self._gathered += data
        self._at += len(data)
        return len(data)

    def tell(self) -> int:
        return self._at

    def flush(self) -> None:
        """Asked for by `zipfile` after every entry."""

    def taken(self, least: int = PIECE_BYTES) -> Generator[bytes]:
        if len(self._gathered) >= least:
            piece, self._gathered = bytes(self._gathered), bytearray()
            yield piece


def of_one(user: User, id: object) -> Generator[bytes]:
    """One conversation, with its pictures. Raises NotFound before the first piece."""
    conversation = rows.conversation(user, id)
    known = rows.Known(conversation.pk, conversation.title, conversation.created_at)
    pictures: dict[str, Blob] = {}
    texts: dict[UUID, None] = {}
    for message in rows.every_message(conversation):
        for picture in message.pictures.all():
            blob = picture.image.blob
            pictures[rows.image_file(picture.image_id, blob)] = blob
        texts.update(dict.fromkeys(use.file_id for use in message.files.all()))
    yield from _zipped(_Contents(user, [known]).files(pictures.items(), rows.texts_of(texts)))


def of_all(user: User, tell: Tell, *, all_of_it: bool = False) -> Generator[bytes]:
    """All conversations with their pictures; `all_of_it`: whatever else is the user's as well."""
    contents = _Contents(user, rows.conversations(user), tell)
    pictures = ((rows.image_file(image.pk, image.blob), image.blob) for image in rows.images(user))
    files = contents.files(pictures, rows.text_files(user))
    # One after the other, as the reader takes them: hundreds of megabytes may be still to come.
    yield from _zipped(chain(files, everything.files(user)) if all_of_it else files)


class _Contents:
    """Conversations as the files of an archive, in order."""

    def __init__(
        self, user: User, known: list[rows.Known], tell: Tell = lambda done, of: None
    ) -> None:
        self._user, self._known, self._tell = user, known, tell
        self._done = 0

    def files(
        self, pictures: Iterable[tuple[str, Blob]], texts: Iterable[TextFile]
    ) -> Iterator[File]:
        now = timezone.now()
        yield File("conversations.json", now, self._as_json())
        names = Names()
        for one in self._known:
            name = names.once(f"{one.created_at:%Y-%m-%d} {fit(one.title)}")
            yield File(f"markdown/{name}.md", one.created_at, self._as_markdown(one))
        for name, blob in pictures:
            yield File(name, now, _picture(blob), AS_IT_IS)
        for text in texts:
            name = rows.text_file(text.pk, text.name)
            yield File(name, text.created_at, [text.text.encode()])

    def _as_json(self) -> Generator[bytes]:
        yield b"["
        comma = b"\n"
        for one in self._known:
            for piece in _if_there(document.pieces(self._user, one.id)):
                yield comma + piece
                comma = b""
            comma = comma or b",\n"
            self._count()
        yield b"\n]\n"

    def _as_markdown(self, one: rows.Known) -> Generator[bytes]:
        yield from _if_there(markdown.pieces(self._user, one.id, folder="../"))
        self._count()

    def _count(self) -> None:
        """Each is written twice."""
        self._done += 1
        self._tell(self._done // 2, len(self._known))


def _if_there(pieces: Iterator[bytes]) -> Generator[bytes]:
    """Nothing of a conversation that was deleted since the list was read."""
    try:
        yield from pieces
    except NotFound:
        return


def _picture(blob: Blob) -> Generator[bytes]:
    """A picture that is missing on the disk leaves an empty file, a blocked one its sign."""
    try:
        yield picture_of(blob)[0]
    except Unavailable:
        return


def _zipped(files: Iterable[File]) -> Generator[bytes]:
    out = _Out()
    with zipfile.ZipFile(cast("IO[bytes]", out), "w", allowZip64=True) as archive:
        for file in files:
            with archive.open(file.info, "w", force_zip64=True) as entry:
                for piece in file.pieces:
                    entry.write(piece)
                    yield from out.taken()
            yield from out.taken()
    yield from out.taken(1)
