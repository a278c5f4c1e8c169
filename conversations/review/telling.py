"""Telling owners that staff looked at what is theirs, as the site decides (`tells_owners`).

Never by whom: who answers for the site answers for its reviewers, and the audit has the name.
"""

from datetime import timedelta

from django.utils import timezone

from conversations import site
from conversations.models import Conversation, Notice, User
from conversations.models.review import Outcome
from conversations.models.site import Tells

# Somebody who turns pages reads once.
ONCE_IN = timedelta(hours=1)
# What changes something for the owner. That nothing was wrong is no news.
FELT = (Outcome.HIDDEN, Outcome.DELETED, Outcome.DEACTIVATED)


def of_reading(reader: User, conversation: Conversation, reason: str) -> None:
    """In the transaction of the reading."""
    is_own = conversation.owner_id == reader.pk
    if is_own or site.now().row.tells_owners != Tells.READ:
        return
    since = timezone.now() - ONCE_IN
    known = Notice.objects.filter(owner=conversation.owner_id, conversation=conversation)
    if not known.filter(about=Notice.About.READ, reason=reason, at__gt=since).exists():
        _tell(conversation, Notice.About.READ, reason=reason)


def of_decision(reader: User, conversation: Conversation, outcome: str, reason: str) -> None:
    """A warning reaches whom it is for, whatever the site has settled: that is what it is."""
    if outcome == Outcome.WARNED:
        _tell(conversation, Notice.About.WARNED, outcome=outcome, reason=reason)
    elif conversation.owner_id == reader.pk:
        return
    elif outcome in FELT and site.now().row.tells_owners in (Tells.READ, Tells.ACTED):
        _tell(conversation, Notice.About.ACTED, outcome=outcome, reason=reason)


def _tell(conversation: Conversation, about: str, *, reason: str, outcome: str = "") -> None:
    """Its title is copied where it goes with the conversation: its owner wants to know which it was."""
    title = conversation.title if outcome == Outcome.DELETED else ""
    Notice.objects.create(
        owner_id=conversation.owner_id, conversation=conversation, title=title,
        about=about, outcome=outcome, reason=reason,
    )  # fmt: skip
