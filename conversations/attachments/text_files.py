"""Text files on their way in, and out when nothing shows them any more. All of a call, or none of it."""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol
from uuid import UUID

from django.db import transaction
from django.db.models import Sum
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from conversations import access, holds
from conversations.attachments import which
from conversations.attachments.decoding import name_of, text_of
from conversations.errors import Invalid, Refusal, TooLarge, Words
from conversations.models import TextFile, User

MIB = 1024 * 1024
MAX_BYTES = 4 * MIB
MAX_FILES = 10
# What one person's files may take up in Postgres, sent or not.
ROOM_BYTES = 512 * MIB
# As long as the page keeps a draft: what was never sent until then is not waited for.
UNSENT_DAYS = 30

TOO_LARGE = _("The file is larger than 4 MiB.")
TOO_MANY = _("At most {most} files can be added at once.")
NO_FILE = _("Add at least one file.")
NO_ROOM = _(
    "There is no room left for your files. Delete conversations with files that you no longer need."
)


class Upload(Protocol):
    """As much of Django's UploadedFile as is needed; its declared type is not believed."""

    name: str | None

    def chunks(self, chunk_size: int | None = None) -> Iterator[Any]: ...


@dataclass(frozen=True)
class Arrived:
    name: str
    text: str
    bytes: int
    sha256: str


def accept(user: User, uploads: Sequence[Upload]) -> list[TextFile]:
    """The person's files, in the order of `uploads`. Raises a Refusal, and then nothing is kept."""
    if not uploads or len(uploads) > MAX_FILES:
        raise _about_file(Invalid, TOO_MANY.format(most=MAX_FILES) if uploads else NO_FILE)
    return _kept(user, [_arrived(upload, len(uploads)) for upload in uploads])


def _arrived(upload: Upload, of: int) -> Arrived:
    name = name_of(upload.name)
    with which.file(name, of):
        text = text_of(_content(upload))
    encoded = text.encode()
    return Arrived(name, text, len(encoded), hashlib.sha256(encoded).hexdigest())


def _about_file(kind: type[Refusal], sentence: Words) -> Refusal:
    return kind(sentence, fields={"file": [sentence]})


def _content(upload: Upload) -> bytes:
    """A body that lies about its size is caught while it is read."""
    content = bytearray()
    for chunk in upload.chunks():
        content += chunk
        if len(content) > MAX_BYTES:
            raise TooLarge(TOO_LARGE)
    return bytes(content)


@transaction.atomic
def _kept(user: User, arrived: Sequence[Arrived]) -> list[TextFile]:
    """One upload of a person at a time: two at once would both find the last room free."""
    access.refuse_who_left(user, lock=True)
    _forget_what_was_never_sent(user)
    files = [_file(user, one) for one in arrived]
    _refuse_without_room(user)
    return files


def copied(user: User, files: Iterable[TextFile]) -> dict[UUID, TextFile]:
    """Somebody else's files as the user's own, by the ids of theirs. In a transaction, as `accept`."""
    access.refuse_who_left(user, lock=True)
    mine = {file.pk: _copy(user, file) for file in files}
    _refuse_without_room(user)
    return mine


def _refuse_without_room(user: User) -> None:
    taken = TextFile.objects.filter(owner=user).aggregate(sum=Sum("bytes"))["sum"]
    if taken and taken > ROOM_BYTES:
        raise _about_file(TooLarge, NO_ROOM)


def _copy(user: User, file: TextFile) -> TextFile:
    """What is written in it is fetched here, and only when the user has no such file: one at a time."""
    return _held(user, file.sha256, file.name, lambda: file.text, file.bytes)


def _file(user: User, one: Arrived) -> TextFile:
    return _held(user, one.sha256, one.name, lambda: one.text, one.bytes)


def _held(user: User, sha256: str, name: str, text: Callable[[], str], bytes: int) -> TextFile:
    rest: dict[str, Any] = {"text": text, "bytes": bytes}  # `text` is called for a new one only
    file, is_new = TextFile.objects.defer("text").get_or_create(
        owner=user, sha256=sha256, name=name, defaults=rest
    )
    if not is_new:
        TextFile.objects.filter(pk=file.pk).update(created_at=timezone.now())
    return file


def _forget_what_was_never_sent(user: User) -> None:
    old = timezone.now() - timedelta(days=UNSENT_DAYS)
    unsent = TextFile.objects.filter(owner=user, uses=None, created_at__lt=old)
    forget_unused(unsent.values_list("pk", flat=True), before=old)


def forget_unused(ids: Iterable[UUID], *, before: datetime) -> None:
    """Delete those of these files that no message shows and nobody uploaded since. In a transaction.

    First the lock, then the look: a message that is being sent holds its files (access.files_for).
    """
    rows = TextFile.objects.filter(pk__in=list(ids)).order_by("pk").select_for_update()
    held = list(rows.values_list("pk", flat=True))
    if held:
        unused = TextFile.objects.filter(pk__in=held, uses=None, created_at__lt=before)
        unused.exclude(holds.of_held_people()).delete()
