"""What is over goes: deleted and temporary conversations, pictures never sent, cached answers, sessions."""

import asyncio
import itertools
import logging
from collections.abc import Callable, Coroutine, Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.utils import timezone

from conversations import holds
from conversations.attachments import leaving, orphans
from conversations.db import alone, in_db
from conversations.errors import Unavailable
from conversations.models import Conversation, Image, RetentionRule
from conversations.models.conversation import LIVE, over
from conversations.moderation.known import known
from conversations.runs import answer_cache, budget_alarm, reaper, retention, sent, spending, stop
from conversations.usage import counters, rollups

log = logging.getLogger(__name__)

SWEEP_SECONDS = 30.0
# Pictures that stand nowhere are looked for in all there are.
PICTURES_EVERY = 120
# Every file is looked at: an hour after the start, and once a day from then on.
FILES_EVERY = 2880
# A transaction takes away so many at most: others want to write meanwhile.
AT_ONCE = 20
SESSIONS_AT_ONCE = 200
# A draft is kept for so long (static/js/lib/drafts.js), and with it a picture that was not sent yet.
UNSENT_DAYS = 30
# One process sweeps at a time, whichever comes first.
LOCK = 0x63686174_73776570  # "chatswep"

Step = Callable[[], Coroutine[Any, Any, Any]]


async def keep_sweeping() -> None:
    for turn in itertools.count(1):
        await asyncio.sleep(SWEEP_SECONDS)
        for step in _due(turn):
            await _done(step)


def _due(turn: int) -> Iterator[Step]:
    yield from (sweep_conversations, count_calls, forget_counts, lapse, budget_alarm.look)
    if turn % PICTURES_EVERY == 0:
        yield from (
            sweep_pictures,
            forget_answers,
            forget_requests,
            forget_sessions,
            sweep_by_rules,
        )
    if turn % FILES_EVERY == PICTURES_EVERY:
        yield sweep_files


async def _done(step: Step) -> None:
    """Or not: one file that the disk does not give up is no reason to keep what budgets have reserved."""
    try:
        await step()
    except Unavailable:
        log.info("%s: not now, something is away or an answer cannot be stopped", step.__name__)
    except Exception:
        log.exception("%s failed; it is tried again", step.__name__)


async def sweep_conversations() -> None:
    """Until none is left that is over."""
    for conversation in await in_db(_answering)():
        await stop.stop_all_in(conversation)  # so that what it cost is on the ledger
    while await in_db(some_conversations)():
        pass


async def count_calls() -> None:
    """The calls since the last time, onto the sums."""
    while await in_db(rollups.count_some)():
        pass


async def forget_counts() -> None:
    await in_db(some_counts)()


async def lapse() -> None:
    await in_db(spending.lapse)(reaper.DEAD_SECONDS)


async def forget_answers() -> None:
    await in_db(answer_cache.forget_old)()


async def forget_sessions() -> None:
    while await in_db(some_sessions)():
        pass


async def sweep_by_rules() -> int:
    """As `sweep_by_age`; nothing on the day after somebody has changed a rule."""
    return 0 if await in_db(retention.rests_until)() else await sweep_by_age()


async def sweep_by_age() -> int:
    """What was kept for long enough (retention.py). How many that were."""
    count = 0
    for rule in await in_db(retention.rules)():
        while found := await in_db(some_by_age)(rule):
            count += len(found)
    return count


async def sweep_pictures() -> None:
    while await in_db(some_pictures)():
        pass


async def forget_requests() -> None:
    while await in_db(lambda: sent.forget_old(known().settings.request_days))():
        pass


async def sweep_files() -> None:
    """Pictures that are nobody's, as `manage.py sweep_files` does it."""
    before = timezone.now() - orphans.GRACE
    while await in_db(orphans.take_away_rows)(before):
        pass
    files = orphans.files()
    while names := await asyncio.to_thread(next, files, None):
        if count := await in_db(orphans.take_away_files)(names, before):
            log.warning("sweep: %d files of pictures that no row names", count)


def _answering() -> list[Conversation]:
    return list(Conversation.objects.filter(over(), runs__status__in=LIVE))


def some_conversations() -> bool:
    """Whether there may be more."""
    if not alone(LOCK):
        return False
    holds.destroying()
    # Whose row is held is just being kept, or written in: it may not be over by then.
    held = Conversation.objects.select_for_update(skip_locked=True, of=("self",))
    due = list(held.filter(over()).exclude(holds.held()).order_by("pk")[:AT_ONCE])
    for conversation in due:
        conversation.active_message = None
        conversation.delete()
    return len(due) == AT_ONCE


def some_by_age(rule: RetentionRule) -> list[UUID]:
    return retention.some(rule) if alone(LOCK) else []


def some_pictures() -> bool:
    """Those that were stored and never sent, since their draft is forgotten."""
    if not alone(LOCK):
        return False
    before = timezone.now() - timedelta(days=UNSENT_DAYS)
    unsent = Image.objects.filter(uses=None, created_at__lt=before)
    unsent = unsent.exclude(holds.of_held_people())
    due = list(unsent.values_list("pk", flat=True)[:AT_ONCE])
    leaving.forget(due, before=before)
    return len(due) == AT_ONCE


def some_sessions() -> bool:
    """Those that have run out: in them stands by what people signed in. Whether there may be more."""
    if not alone(LOCK):
        return False
    over = Session.objects.filter(expire_date__lt=timezone.now())
    keys = list(over.values_list("pk", flat=True)[:SESSIONS_AT_ONCE])
    UserSession.objects.filter(session_key__in=keys).delete()
    over.filter(pk__in=keys).delete()
    return len(keys) == SESSIONS_AT_ONCE


def some_counts() -> None:
    """Of who asked so much that it was counted, and has not for a while."""
    if alone(LOCK):
        counters.forget_old()
