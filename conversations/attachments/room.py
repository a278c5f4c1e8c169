"""How much room somebody's pictures take up, and how much they may: held however many come at once."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.db import connection
from django.db.models import Sum
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext_lazy as _

from conversations import site
from conversations.errors import TooLarge
from conversations.models import Image, User

MB = 1024 * 1024  # as filesizeformat counts, which says it
# Whoever adds pictures of a person holds it until the end of the transaction, after the files
# (leaving.py), always in that order. The row of the person is not for this: who deletes somebody holds
# that first, and then waits for the files.
ONE_AT_A_TIME = "SELECT pg_advisory_xact_lock(hashtextextended('room ' || %s, 0))"
NO_ROOM = _(
    "There is no room left for this: your pictures take up {used} of {allowed}. Delete some that you no "
    "longer need."
)


class NoRoom(TooLarge):
    """There would be room for it elsewhere, or later."""


@dataclass(frozen=True, slots=True)
class Room:
    """In bytes. `allowed` None: as much as there is."""

    used: int
    allowed: int | None


def room_of(user: User) -> Room:
    """What is stored for them, thumbnails not counted; the same picture twice is stored once."""
    used = Image.objects.filter(owner=user).aggregate(sum=Sum("blob__bytes"))["sum"]
    return Room(used or 0, _allowed(user))


def _allowed(user: User) -> int | None:
    """Asked anew: a `user` may be as old as a socket or an import."""
    own = User.objects.filter(pk=user.pk).values_list("room", flat=True).first()
    megabytes = site.now().user_storage if own is None else own
    return megabytes * MB if megabytes else None


def take(user: User, sizes: Mapping[str, int]) -> None:
    """Room for pictures of these sizes, by the SHA-256 of what was uploaded. Raises NoRoom.

    Those that are the user's already take up no more. In a transaction that holds the files.
    """
    with connection.cursor() as cursor:
        cursor.execute(ONE_AT_A_TIME, [str(user.pk)])
    look_for(user, sizes)


def look_for(user: User, sizes: Mapping[str, int]) -> None:
    """As `take`, and nothing is held: before something is written that would be refused."""
    mine = Image.objects.filter(owner=user, blob__sha256__in=sizes)
    known = set(mine.values_list("blob__sha256", flat=True))
    more = sum(size for sha256, size in sizes.items() if sha256 not in known)
    room = room_of(user) if more else None
    if room and room.allowed is not None and room.used + more > room.allowed:
        names = {"used": filesizeformat(room.used), "allowed": filesizeformat(room.allowed)}
        raise NoRoom(NO_ROOM, names=names, fields={"file": [NO_ROOM]})
