"""What else is as private as words: pictures and files that staff open, as much on record."""

from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet, Value

from conversations import audit
from conversations.models import (
    Conversation,
    Image,
    MessageFile,
    MessageImage,
    TextFile,
    User,
)
from conversations.models.conversation import present
from conversations.review import opening, telling

Thing = Image | TextFile
READ = {Image: "image.read", TextFile: "file.read"}


def places(thing: Thing) -> list[UUID]:
    """The conversations that show it, the newest first."""
    uses: QuerySet[MessageImage] | QuerySet[MessageFile] = thing.uses.all()
    shown = uses.filter(present("message__conversation__")).order_by("-message")
    return list(dict.fromkeys(shown.values_list("message__conversation", flat=True)))


def is_open(reader: User, thing: Thing, where: list[UUID]) -> bool:
    """One's own is; another's, where no reason is asked for or one holds for a place where it stands."""
    return thing.owner_id == reader.pk or opening.is_open(reader, where)


def is_shown(reader: User) -> Q | Value:
    """As `is_open`, of all pictures of a list at once."""
    opened = opening.opened_by(reader)
    if opened is None:
        return Value(value=True)
    placed = MessageImage.objects.filter(image=OuterRef("pk"), message__conversation__in=opened)
    return Q(owner=reader.pk) | Q(Exists(placed))


@transaction.atomic
def opened(reader: User, thing: Thing, where: list[UUID], *, address: str | None) -> None:
    """Write down that `reader` sees somebody else's. Call it before it is shown.

    Not for thumbnails: their addresses stand only on pages whose reading is on record itself, the
    transcript and the list of pictures.
    """
    if thing.owner_id == reader.pk:
        return
    audit.record(reader, READ[type(thing)], thing, owner=thing.owner, address=address)
    for place in Conversation.objects.filter(pk__in=where[:1]):
        telling.of_reading(reader, place, opening.reason_of(reader, place))
