"""Stopping: heard while the answer streams, from any tab. Stopping what has ended changes nothing."""

import asyncio
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from conversations import access
from conversations.db import in_db
from conversations.errors import Unavailable
from conversations.events import doorbell
from conversations.ids import parsed
from conversations.models import Conversation, Run, User
from conversations.models.conversation import LIVE, Status
from conversations.runs import executor, finish, mirror
from conversations.runs.ends import ended

# Another process hears of it by the doorbell, and we of the end; how long we wait for that.
ELSEWHERE_SECONDS = 5.0
NOT_STOPPED = _("The answer could not be stopped. Try again.")
NOT_WRITTEN = _("The answer was stopped. It is not written down yet: the database takes its time.")


async def stop(user: User, run_id: object) -> None:
    """End the run as stopped; nothing is added to its answer after this. Raises NotFound."""
    known = parsed(run_id)
    here = executor.live(known) if known else None
    if here is not None and here.ticket.user == user.pk:
        await _stop_here(here.ticket.run)  # not a moment is lost in asking Postgres whose it is
        return
    run = await in_db(access.run_for)(user, run_id)
    if run.status in LIVE:
        await _stop_wherever(run)


async def stop_all_in(conversation: Conversation) -> None:
    """Before a conversation is deleted or its streaming answer edited."""
    for run in await in_db(live_in)(conversation):
        await _stop_wherever(run)


async def stop_all_of(user: User) -> None:
    """Before everything that is theirs is deleted."""
    for run in await in_db(_live_of)(user):
        await _stop_wherever(run)


def _live_of(user: User) -> list[Run]:
    return list(access.live_runs_for(user))


def live_in(conversation: Conversation) -> list[Run]:
    return list(Run.objects.filter(conversation=conversation, status__in=LIVE))


def ring_for(runs: QuerySet[Run]) -> int:
    """End those that are live, in whatever process, when the current transaction commits; how many."""
    live = runs.filter(status__in=LIVE).values_list("pk", flat=True)
    news = [{"stop": str(run)} for run in live]
    if news:
        doorbell.ring(*news)
    return len(news)


async def _stop_wherever(run: Run) -> None:
    if await _stop_here(run.pk) or await in_db(finish.stop_waiting)(run.pk):
        return
    await in_db(doorbell.ring)({"stop": str(run.pk)})
    try:
        async with asyncio.timeout(ELSEWHERE_SECONDS):
            await ended(run.pk)
    except TimeoutError:
        raise Unavailable(NOT_STOPPED) from None
    await mirror.settled(run.pk)  # who follows it here has all of it before the ack, nothing after


async def _stop_here(run: UUID) -> bool:
    """Its end is written down when this returns. Raises Unavailable when that has to wait."""
    try:
        async with asyncio.timeout(ELSEWHERE_SECONDS):
            return await executor.end(run, Status.STOPPED)
    except TimeoutError:
        raise Unavailable(NOT_WRITTEN) from None
