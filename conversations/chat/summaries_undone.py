"""A person wants the messages themselves to be read again, in place of the summary that stands for them."""

from django.utils import timezone

from conversations import access
from conversations.models import Summary, User
from conversations.reading.branch import EVERYTHING, way_to
from conversations.runs import summarising


def undo(user: User, conversation: object, id: object) -> None:
    """With the earlier ones that it was made of: what they stand for is to be read, too. Other tabs hear
    of each. It is made anew when there is no room without it. Raises NotFound."""
    summary = access.summary_for(user, conversation, id)
    way, _ = way_to(summary.conversation, summary.until_id, EVERYTHING)
    rows = Summary.objects.filter(until__in=way, undone_at=None).order_by("pk")
    standing = list(rows.select_for_update())
    rows.update(undone_at=timezone.now())
    for one in standing:
        summarising.ring(one, user.pk)
