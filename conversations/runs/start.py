"""How a run begins: a row, made in the transaction of the question that it answers."""

import os
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID

from django.conf import settings
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from conversations.errors import Conflict
from conversations.ids import uuid7
from conversations.models import Blob, Boot, Conversation, Message, Run, User
from conversations.models.conversation import LIVE, Status
from conversations.provider.interface import Model
from conversations.usage.standing import Most


class StillAnswering(Conflict):
    sentence = _("The last answer is still being written. Wait for it or stop it.")

    def __init__(self, run: UUID) -> None:
        super().__init__()
        self.run = run


# One start of one process. Rows name it as the owner of their runs.
BOOT = uuid7()
HOST = socket.gethostname()[:200]


_known = False


def sign_on(*, works: bool = False) -> None:
    """In the transaction that makes a run ours: no run belongs to a process that nobody has heard of.

    The heartbeat may come later than the first run, and who has given no sign counts as dead.
    """
    if not _known:
        me = Boot(pk=BOOT, host=HOST, pid=os.getpid(), works=works)
        Boot.objects.bulk_create([me], ignore_conflicts=True)


def known() -> None:
    """The heartbeat is in Postgres."""
    global _known  # noqa: PLW0603
    _known = True


class Turn(NamedTuple):
    """There may be thousands."""

    role: str
    text: str
    pictures: Sequence[Blob]
    detail: str
    # The message that it was made of, and what stands there; nothing where no message says it.
    id: str = ""
    said: str = ""


@dataclass(frozen=True, slots=True)
class Script:
    """All that a prompt is made of; and how many messages before it were not even read, because they
    are too far away for any window of this size."""

    model: Model
    system_prompt: str
    turns: list[Turn]
    options: dict[str, Any]
    too_far: int = 0
    # What stands for the messages before the first turn, and how many those are.
    summary: str = ""
    summarised: int = 0


@dataclass(frozen=True, slots=True)
class Ticket:
    """What the executor has to know of a run. Without `script` that is read from Postgres."""

    run: UUID
    conversation: UUID
    message: UUID
    user: UUID
    model: str
    language: str = ""
    text_before: int = 0
    reasoning_before: int = 0
    script: Script | None = None
    # For its calls; all zero: no budget counts for it. None: whoever wrote it down knows.
    reserved: Most | None = None


def ticket_of(run: Run, script: Script | None = None, reserved: Most | None = None) -> Ticket:
    return Ticket(
        run=run.pk,
        conversation=run.conversation_id,
        message=run.message_id,
        user=run.user_id,
        model=run.model,
        language=run.language,
        text_before=run.text_before,
        reasoning_before=run.reasoning_before,
        script=script,
        reserved=reserved,
    )


def nothing_runs_in(conversation: Conversation) -> None:
    """Raises StillAnswering while an answer of this conversation is under way. It is locked by the caller."""
    live = Run.objects.filter(conversation=conversation, status__in=LIVE).first()
    if live is not None:
        raise StillAnswering(live.pk)


def begin(user: User, answer: Message, model: Model, options: dict[str, Any]) -> Run:
    """The run that writes `answer`. Executed here, it is ours from its first moment; else a worker,
    who hears of it by the doorbell as all processes do, takes it."""
    here = settings.RUNS == "here"
    if here:
        sign_on()
    return Run.objects.create(
        conversation=answer.conversation,
        message=answer,
        user=user,
        status=Status.RUNNING if here else Status.WAITING,
        started_at=timezone.now() if here else None,
        boot=BOOT if here else None,
        model=model.id,
        options=options,
        language=get_language() or "",
        text_before=len(answer.text),
        reasoning_before=len(answer.reasoning),
    )


def news_of(run: Run) -> dict[str, str]:
    """For the doorbell, in the transaction of `begin`."""
    return {
        "run": str(run.pk),
        "conversation": str(run.conversation_id),
        "owner": str(run.user_id),
        "by": str(BOOT),
    }
