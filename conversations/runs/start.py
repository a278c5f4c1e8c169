"""How a run begins: a row, made in the transaction of the question that it answers."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.conf import settings
from django.utils import timezone

from conversations.errors import Conflict
from conversations.events import doorbell
from conversations.ids import uuid7
from conversations.models import Conversation, Message, Run, User
from conversations.models.conversation import LIVE, Status
from conversations.provider.interface import Model


class StillAnswering(Conflict):
    sentence = "The last answer is still being written. Wait for it or stop it."

    def __init__(self, run: UUID) -> None:
        super().__init__()
        self.run = run


# One start of one process. Rows name it as the owner of their runs.
BOOT = uuid7()


@dataclass(frozen=True, slots=True)
class Ticket:
    """What the executor has to know of a run."""

    run: UUID
    conversation: UUID
    message: UUID
    user: UUID
    model: str
    text_before: int = 0
    reasoning_before: int = 0


def ticket_of(run: Run) -> Ticket:
    return Ticket(
        run=run.pk,
        conversation=run.conversation_id,
        message=run.message_id,
        user=run.user_id,
        model=run.model,
        text_before=run.text_before,
        reasoning_before=run.reasoning_before,
    )


def nothing_runs_in(conversation: Conversation) -> None:
    """Raises StillAnswering while an answer of this conversation is under way. It is locked by the caller."""
    live = Run.objects.filter(conversation=conversation, status__in=LIVE).first()
    if live is not None:
        raise StillAnswering(live.pk)


def begin(user: User, answer: Message, model: Model, options: dict[str, Any]) -> Run:
    """The run that writes `answer`. Executed here, it is ours from its first moment; else a worker,
    who hears the doorbell as all processes do, takes it."""
    here = settings.RUNS == "here"
    run = Run.objects.create(
        conversation_id=answer.conversation_id,
        message=answer,
        user=user,
        status=Status.RUNNING if here else Status.WAITING,
        started_at=timezone.now() if here else None,
        boot=BOOT if here else None,
        model=model.id,
        options=options,
        text_before=len(answer.text),
        reasoning_before=len(answer.reasoning),
    )
    news = {"run": str(run.pk), "conversation": str(run.conversation_id), "by": str(BOOT)}
    doorbell.ring(news)
    return run
