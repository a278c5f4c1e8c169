"""How much of what providers allow is used at this moment, over all processes. Nothing is locked for it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Count, Exists, OuterRef, Q
from django.db.models.functions import Now

from conversations.models import Allowance, Boot, Place
from conversations.usage.line import GONE_SECONDS
from conversations.usage.minute import Limits, Minute


@dataclass(frozen=True, slots=True)
class Use:
    """Of one provider: of its minute, the calls under way, and who waits for a turn."""

    requests: int = 0
    tokens: int = 0
    calls: int = 0
    waiting: int = 0


def by_provider() -> Mapping[str, Use]:
    """Of those that limit us and were asked lately. Two statements."""
    minutes, places = _minutes(), _places()
    return {name: _use(minutes.get(name), places.get(name)) for name in minutes.keys() | places}


def _use(minute: Minute | None, places: tuple[int, int] | None) -> Use:
    spent = minute.spent if minute else []
    under_way, waiting = places or (0, 0)
    return Use(
        requests=sum(calls for _, calls, _ in spent),
        tokens=sum(tokens for _, _, tokens in spent),
        calls=under_way,
        waiting=waiting,
    )


def _minutes() -> dict[str, Minute]:
    """By the clock of Postgres, as the line goes by it."""
    rows = Allowance.objects.annotate(now=Now())
    return {row.pk: Minute(row.spent, row.now.timestamp(), Limits()) for row in rows}


def _places() -> dict[str, tuple[int, int]]:
    """Calls under way, and who waits. Who is gone is forgotten by whoever steps up next, and counts no
    more."""
    long_ago = Now() - timedelta(seconds=GONE_SECONDS)
    alive = Exists(Boot.objects.filter(pk=OuterRef("boot"), beat_at__gt=long_ago))
    under_way = Count("pk", filter=Q(admitted_at__isnull=False))
    waiting = Count("pk", filter=Q(admitted_at=None, seen_at__gt=long_ago))
    rows = (
        Place.objects.filter(alive)
        .values_list("provider")
        .annotate(calls=under_way, standing=waiting)
    )
    return {name: (calls, standing) for name, calls, standing in rows}
