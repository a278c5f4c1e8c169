"""How the site stands at this moment."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

from conversations.models import Run
from conversations.models.conversation import LIVE, Status

DAY = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Moment:
    live: int
    failed: int
    since: datetime


def now() -> Moment:
    """Answers under way, and those of the last 24 hours that failed or were cut: each a range of an index."""
    since = timezone.now() - DAY
    broken = Run.objects.filter(
        created_at__gte=since, status__in=[Status.FAILED, Status.INTERRUPTED]
    )
    live = Run.objects.filter(status__in=LIVE)
    return Moment(live.count(), broken.count(), since)
