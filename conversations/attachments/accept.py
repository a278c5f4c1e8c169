"""Pictures on their way in: looked at, made ready, stored once. All of a call, or none of it."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Protocol

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from conversations import access
from conversations.attachments import blocking, header, leaving, room, storage, which
from conversations.attachments.bytewise import DAMAGED
from conversations.attachments.confined import (
    BUSY,
    QUEUE_SECONDS,
    RETRY_SECONDS,
    Died,
    Program,
)
from conversations.attachments.line import Full, Line
from conversations.attachments.turns import Turns
from conversations.db import give_back_connection
from conversations.errors import (
    Invalid,
    NotAllowed,
    Refusal,
    TooLarge,
    Unavailable,
    UnsupportedImage,
)
from conversations.models import Blob, Image, User

MAX_BYTES = 20 * 1024 * 1024
MAX_FILES = 10

SIZES = ("width", "height", "original_width", "original_height")
STORED_TYPES = ("image/jpeg", "image/png")

TOO_LARGE = _("The file is larger than 20 MB.")
TOO_MANY = _("At most {most} pictures can be sent at once.")
AGAIN = _("The picture could not be stored just now. Send it again.")
TOO_HARD = _("The picture takes too much work to decode. Save it as a plain JPEG or PNG first.")

AT_ONCE = 2  # as many as the small machine that this is meant for has cores
# The decoder gives up by itself after 20 s; our clock is for the case that it cannot.
decoder = Program("conversations.attachments.decoder", at_once=AT_ONCE, seconds=25)
line = Line(AT_ONCE)
turns = Turns()


class Upload(Protocol):
    """As much of Django's UploadedFile as we believe in: neither name nor declared type."""

    def chunks(self, chunk_size: int | None = None) -> Iterator[Any]: ...

    @property
    def size(self) -> int | None: ...


@dataclass(frozen=True)
class Arrived:
    """An upload whose header is good, in a file that has no name."""

    position: int
    file: IO[bytes]
    sha256: str
    bytes: int
    header: header.Header


@dataclass(frozen=True)
class Ready:
    """What the decoder made of an upload, in the folder of this call."""

    folder: Path
    facts: Mapping[str, Any]


def accept(user: User, uploads: Sequence[Upload]) -> list[Image]:
    """The user's images, in the order of `uploads`; the same picture twice is the same image.

    Takes seconds: never to be called on the event loop, and in a transaction only if it must be.
    """
    if len(uploads) > MAX_FILES:
        raise Invalid(TOO_MANY, names={"most": MAX_FILES}, fields={"file": [TOO_MANY]})
    with storage.workspace() as folder, ExitStack() as files:
        arrived = []
        for position, upload in enumerate(uploads):
            with which.picture(position, len(uploads)):
                file = files.enter_context(storage.nameless(folder))
                arrived.append(_arrived(position, upload, file))
        give_back_connection()  # a turn may be long in coming
        _refuse_blocked(arrived)
        with turns.of(one.sha256 for one in arrived):
            ready = _made_ready(user, _unknown(arrived), folder, of=len(uploads))
            return _kept(user, arrived, ready)


def _arrived(position: int, upload: Upload, file: IO[bytes]) -> Arrived:
    """Copied piece by piece; a body that lies about its size is caught while it is read."""
    if (upload.size or 0) > MAX_BYTES:
        raise TooLarge(TOO_LARGE)
    digest, count = hashlib.sha256(), 0
    for chunk in upload.chunks():
        count += len(chunk)
        if count > MAX_BYTES:
            raise TooLarge(TOO_LARGE)
        digest.update(chunk)
        file.write(chunk)
    file.flush()
    return Arrived(position, file, digest.hexdigest(), count, header.read(file))


def _refuse_blocked(arrived: Sequence[Arrived]) -> None:
    blocked = blocking.among([one.sha256 for one in arrived])
    for one in arrived:
        if one.sha256 in blocked:
            with which.picture(one.position, len(arrived)):
                raise NotAllowed(blocking.BLOCKED)


def _unknown(arrived: Iterable[Arrived]) -> list[Arrived]:
    """Those that nobody has sent before, each once."""
    once = _once(arrived)
    known = set(Blob.objects.filter(sha256__in=once).values_list("sha256", flat=True))
    return [one for sha256, one in once.items() if sha256 not in known]


def _once(arrived: Iterable[Arrived]) -> dict[str, Arrived]:
    return {one.sha256: one for one in arrived}


def _made_ready(user: User, new: Sequence[Arrived], folder: Path, *, of: int) -> dict[str, Ready]:
    give_back_connection()

    def ready(one: Arrived) -> Ready:
        own = folder / str(one.position)
        own.mkdir(mode=0o700)
        with which.picture(one.position, of):
            return Ready(own, _in_turn(user, one, own))

    with ThreadPoolExecutor(AT_ONCE) as threads:
        return dict(zip((one.sha256 for one in new), threads.map(ready, new), strict=True))


def _in_turn(user: User, one: Arrived, folder: Path) -> dict[str, Any]:
    """A stranger's file may take the decoder 20 s: those who sent others stand before one's second."""
    try:
        with line.place(user.pk, seconds=QUEUE_SECONDS):
            return _decoded(one, folder)
    except Full:
        raise Unavailable(BUSY, retry_after=RETRY_SECONDS) from None


def _decoded(one: Arrived, folder: Path) -> dict[str, Any]:
    """In a thread without a database. Raises a Refusal."""
    try:
        reply = decoder.run(one.file, folder)
    except Died as died:
        raise UnsupportedImage(TOO_HARD if died.late else DAMAGED) from died
    if "refused" in reply:
        raise _refusal(str(reply["refused"]))
    return _facts(reply)


def _facts(reply: Mapping[str, Any]) -> dict[str, Any]:
    """What a decoder may say and nothing more: a hostile file may have taken it over."""
    facts: dict[str, Any] = {name: reply.get(name) for name in ("content_type", *SIZES)}
    sane = all(
        isinstance(facts[name], int) and 0 < facts[name] <= header.MAX_SIDE for name in SIZES
    )
    if not sane or facts["content_type"] not in STORED_TYPES:
        raise UnsupportedImage(DAMAGED)
    return facts


def _refusal(reason: str) -> Refusal:
    if reason == "too_large":
        return TooLarge(_("The picture is larger than its header says."))
    return UnsupportedImage(TOO_HARD if reason == "too_hard" else DAMAGED)


def _kept(user: User, arrived: Sequence[Arrived], ready: Mapping[str, Ready]) -> list[Image]:
    """The files first: no row ever points at nothing. A whole file without a row harms nobody."""
    digests, sizes = _digests(arrived, ready), _sizes(arrived, ready)
    blocking.refuse(digests)  # before any file is written: none stays of a refusal
    room.look_for(user, sizes)
    give_back_connection()  # a bucket may take its time
    rows = {one.sha256: _row(one, ready[one.sha256]) for one in arrived if one.sha256 in ready}
    with _nothing_stays_of_a_refusal(rows.values()), transaction.atomic():
        leaving.hold_files()  # also from who erases this person
        access.refuse_who_left(user)
        blocking.refuse(digests)
        room.take(user, sizes)
        images = {one: _image(user, one, rows.get(one, {})) for one in _once(arrived)}
    give_back_connection()
    for one in ready.values():
        _put_back(one)
    return [images[one.sha256] for one in arrived]


@contextmanager
def _nothing_stays_of_a_refusal(rows: Iterable[Mapping[str, Any]]) -> Iterator[None]:
    """Another upload may take the last room, and a picture be blocked, while its files are stored."""
    try:
        yield
    except Refusal:
        leaving.put_for_nothing([row[name] for row in rows for name in ("name", "thumbnail_name")])
        raise


def _put_back(ready: Ready) -> None:
    """Who took away the same picture of somebody else, after its files were stored and before its row was
    written, took ours. From the row on nobody does. They were put a moment ago: a bucket that does not answer
    now has them."""
    with suppress(Unavailable):
        _stored(ready)


def _sizes(arrived: Sequence[Arrived], ready: Mapping[str, Ready]) -> dict[str, int]:
    """What each takes up, by what was uploaded: as it is stored, or is going to be."""
    new = {sha256: (one.folder / "full").stat().st_size for sha256, one in ready.items()}
    stored = Blob.objects.filter(sha256__in=_once(arrived)).values_list("sha256", "bytes")
    return {**new, **dict(stored)}


def _digests(arrived: Sequence[Arrived], ready: Mapping[str, Ready]) -> set[str]:
    """Of what came and of what was made of it, also where somebody had sent the same before."""
    made = {storage.digest(one.folder / "full") for one in ready.values()}
    return {*_once(arrived), *made}


def _row(one: Arrived, ready: Ready) -> dict[str, Any]:
    return {
        **ready.facts,
        **_stored(ready),
        "bytes": (ready.folder / "full").stat().st_size,
        "original_type": one.header.content_type,
        "original_bytes": one.bytes,
    }


def _stored(ready: Ready) -> dict[str, str]:
    full, thumbnail = ready.folder / "full", ready.folder / "thumbnail"
    return {
        "name": storage.keep(full, ready.facts["content_type"]),
        "thumbnail_name": storage.keep(thumbnail, "image/webp"),
    }


def _image(user: User, sha256: str, row: Mapping[str, Any]) -> Image:
    """Both keep the first of two that come at once: the unique constraints decide."""
    blob = Blob.objects.filter(sha256=sha256).first()
    if blob is None:
        if not row:  # it was known a moment ago, and went with the last conversation that showed it
            raise Unavailable(AGAIN)
        blob, _ = Blob.objects.get_or_create(sha256=sha256, defaults=row)
    image, is_new = Image.objects.get_or_create(owner=user, blob=blob)
    if not is_new:  # it is wanted anew, whatever becomes of the conversations it stands in
        image.created_at = timezone.now()
        image.save(update_fields=["created_at"])
    image.blob = blob
    return image
