"""Numbers for who looks after the site."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Count, Q, Sum
from django.utils import timezone

from conversations.models import Message, ProviderCall, Run
from conversations.models.conversation import LIVE, Role, Status

DAY = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Day:
    live: int
    failed: int
    messages: int
    people: int
    tokens: int
    cost_micros: int | None
    since: datetime


def last_day() -> Day:
    """The last 24 hours, in four queries that each read a range of an index."""
    since = timezone.now() - DAY
    broken = Q(status__in=[Status.FAILED, Status.INTERRUPTED])
    runs = Run.objects.filter(created_at__gte=since).aggregate(
        failed=Count("pk", filter=broken), people=Count("user", distinct=True)
    )
    calls = ProviderCall.objects.filter(at__gte=since).aggregate(
        input=Sum("input_tokens"), output=Sum("output_tokens"), cost=Sum("cost_micros")
    )
    messages = Message.objects.filter(pk__gte=_first_id(since), role=Role.USER)
    return Day(
        live=Run.objects.filter(status__in=LIVE).count(),
        failed=runs["failed"],
        messages=messages.count(),
        people=runs["people"],
        tokens=(calls["input"] or 0) + (calls["output"] or 0),
        cost_micros=calls["cost"],
        since=since,
    )


def _first_id(moment: datetime) -> UUID:
    """The least id (ids.uuid7) of that millisecond: messages have no index by time and need none."""
    return UUID(int=int(moment.timestamp() * 1000) << 80)
