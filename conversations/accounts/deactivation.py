"""Who may not come in any more, and the end of what they have under way."""

from collections.abc import Sequence

from django.utils import timezone

from conversations import audit
from conversations.events import doorbell
from conversations.models import ImportJob, User
from conversations.runs import halt


def deactivate(people: Sequence[User], by: User, *, address: str | None, reason: str) -> None:
    """In one transaction, by as many statements for a thousand as for one but for the record. Their sockets
    close and their answers and imports end when it commits."""
    ids = [one.pk for one in people]
    end_work_of(people)
    for one in people:
        one.is_active = False
    User.objects.filter(pk__in=ids).update(is_active=False)
    doorbell.ring(*({"user": str(id)} for id in ids))
    for one in people:
        audit.record(by, "person.deactivate", one, owner=one, address=address, reason=reason)


def end_work_of(people: Sequence[User]) -> None:
    """Who works at an import looks once a second whether it is still wanted; others wait for its place."""
    halt.of_people(people)
    live = ImportJob.objects.filter(owner__in=[one.pk for one in people], status__in=ImportJob.LIVE)
    live.update(status=ImportJob.Status.STOPPED, finished_at=timezone.now())
