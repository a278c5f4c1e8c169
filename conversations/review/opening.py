"""Why somebody opens what is private. Where the site asks for it (`asks_reason`), a reason that was given
holds for that conversation and that reader for an hour; each reading is on record all the same.

The entry in the audit is the key: there is no other place that says who may read on.
"""

from collections.abc import Iterable
from datetime import timedelta
from uuid import UUID

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from conversations import audit, site
from conversations.ids import parsed
from conversations.models import AuditEntry, Conversation, User
from conversations.models.audit import REASON
from conversations.review.decisions import said

HOLDS = timedelta(hours=1)
ACTION = "conversation.open"
NO_REASON = _("Say why you open this.")


def is_asked(reader: User, conversation: Conversation) -> bool:
    """Whether a reason is still wanted before `reader` sees this. One's own is one's own."""
    if conversation.owner_id == reader.pk or not site.now().row.asks_reason:
        return False
    return not _entries(reader).filter(object_id=str(conversation.pk)).exists()


def is_open(reader: User, conversations: Iterable[UUID]) -> bool:
    """Whether one of these, in which somebody's picture or file stands, may be read now."""
    if not site.now().row.asks_reason:
        return True
    return _entries(reader).filter(object_id__in=[str(one) for one in conversations]).exists()


def opened_by(reader: User) -> set[UUID] | None:
    """Conversations for which a reason of this reader holds; None: nobody asks for reasons."""
    if not site.now().row.asks_reason:
        return None
    ids = (parsed(id) for id in _entries(reader).values_list("object_id", flat=True))
    return {id for id in ids if id is not None}


def way_to(conversation: UUID, then: str) -> str:
    """The form about this conversation; whoever fills it in goes on to `then`."""
    form = reverse("admin:conversations_conversation_open", args=[conversation])
    return f"{form}?{urlencode({'next': then})}"


def begin(reader: User, conversation: Conversation, why: str, *, address: str | None) -> None:
    """Put the reason on record; from now on the conversation is open to `reader`. Raises Invalid."""
    reason = said(why, REASON, NO_REASON)
    owner = conversation.owner
    audit.record(reader, ACTION, conversation, owner=owner, address=address, reason=reason)


def reason_of(reader: User, conversation: Conversation) -> str:
    """The newest that holds; empty where none was asked for."""
    entry = _entries(reader).filter(object_id=str(conversation.pk)).order_by("-at").first()
    return entry.reason if entry else ""


def _entries(reader: User) -> QuerySet[AuditEntry]:
    since = timezone.now() - HOLDS
    mine = AuditEntry.objects.filter(object_type="conversation", action=ACTION, at__gt=since)
    return mine.filter(actor_id=reader.pk)
