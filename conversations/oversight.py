"""Whose rows a reviewer may see. Who looks after class 9b sees class 9b, by whatever door.

Superusers, and reviewers whose groups stand in no row of `Oversight`, see everybody.
"""

from django.contrib.auth.models import Group
from django.db.models import Q, QuerySet

from conversations.models import Oversight, User

EVERYBODY = Q()


def is_limited(reader: User) -> bool:
    """Whether `reader` sees some people only; sums over the whole site are not for them."""
    return bool(_overseen_by(reader))


def people_seen_by(reader: User) -> QuerySet[User]:
    """A query to ask within, or to list people from."""
    return User.objects.filter(theirs(reader, "pk"))


def sight_of(reader: User) -> QuerySet[User] | None:
    """The same; None: everybody."""
    return people_seen_by(reader) if is_limited(reader) else None


def groups_in(sight: QuerySet[User] | None) -> QuerySet[Group]:
    """Those of whom somebody is seen: what others are called is not for everybody."""
    if sight is None:
        return Group.objects.all()
    return Group.objects.filter(user__in=sight.values("pk")).distinct()


def theirs(reader: User, person: str) -> Q:
    """Rows that belong to people whom `reader` may see. `person` leads from a row to its person ("owner",
    "conversation__owner", "pk" for the people themselves). A row of nobody is not seen by who is limited."""
    groups = _overseen_by(reader)
    if not groups:
        return EVERYBODY
    members = User.groups.through.objects.filter(group__in=groups)
    return Q(**{f"{person}__in": members.values("user")})


def nothing(reader: User) -> Q:
    """Of rows that have not said whose they are: none, for who is limited."""
    return Q(pk__in=[]) if is_limited(reader) else EVERYBODY


def _overseen_by(reader: User) -> list[int]:
    """Empty: everybody's. Asked anew each time: a row that was made a moment ago holds."""
    if reader.is_superuser:
        return []
    return list(
        Oversight.objects.filter(reviewers__user=reader.pk).values_list("people", flat=True)
    )
