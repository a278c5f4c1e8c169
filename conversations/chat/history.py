"""Opening a conversation: what it is, and the runs of it that a reader has to hear of."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Q

from conversations import access
from conversations.models import Conversation, Run, User
from conversations.models.conversation import LIVE


@dataclass(frozen=True, slots=True)
class Opened:
    """`runs` are the active ones and those asked for, ended or not."""

    conversation: Conversation
    runs: list[Run]

    @property
    def live(self) -> list[Run]:
        return [run for run in self.runs if run.status in LIVE]


def opened(user: User, id: object, known: Iterable[UUID]) -> Opened:
    """Raises NotFound."""
    conversation = access.conversation_for(user, id)
    wanted = Q(status__in=LIVE) | Q(pk__in=list(known))
    runs = Run.objects.filter(wanted, conversation=conversation)
    return Opened(conversation, list(runs.order_by("id")))
