"""Runs as rows alone, committed, because those who look after runs have connections of their own.

They are made and removed by other threads than that of the test, whose transaction is never committed.
"""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import TypeVar
from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone

from conversations.db import in_db
from conversations.ids import uuid7
from conversations.models import Boot, Conversation, Message, Run, RunEvent, User
from conversations.models.conversation import Role, Status

T = TypeVar("T")


def committed(work: Callable[[], T]) -> T:
    async def done() -> T:
        return await in_db(work)()

    return asyncio.run(done())


def clear() -> None:
    for model in (RunEvent, Run, Message, Conversation, Boot, User):
        model._default_manager.all().delete()
    forget_traces()


def forget_traces() -> None:
    """And what triggers noted of them and of messages, for others to count and to find.

    Postgres refuses that (migration 0035), but not to whom it belongs, who can switch triggers off."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        for table in ("providercall", "uncounted", "written"):
            cursor.execute(f"DELETE FROM conversations_{table}")


def running(boot: UUID, *, age: float = 60.0) -> Run:
    """A run that says of itself that `boot` has been executing it for `age` seconds."""
    user = User.objects.create(username=f"user-{uuid7()}")
    conversation = Conversation.objects.create(owner=user)
    common = {"conversation": conversation, "status": Status.RUNNING}
    answer = Message.objects.create(role=Role.ASSISTANT, **common)
    began = timezone.now() - timedelta(seconds=age)
    facts = {"message": answer, "user": user, "boot": boot, "created_at": began}
    return Run.objects.create(started_at=began, **facts, **common)


def boot(*, silent_for: float) -> Boot:
    """Another process, which gave its last sign so many seconds ago."""
    beat = timezone.now() - timedelta(seconds=silent_for)
    return Boot.objects.create(host="elsewhere", pid=1, beat_at=beat)


def kept(run: Run, at: int, text: str, kind: str = RunEvent.Kind.TEXT) -> None:
    """A piece in the journal."""
    RunEvent.objects.create(run=run, kind=kind, at=at, text=text)


def status(run: Run) -> str:
    return str(Run.objects.values_list("status", flat=True).get(pk=run.pk))
