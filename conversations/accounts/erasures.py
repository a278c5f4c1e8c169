"""Erasing who has much, some at a time: whichever process comes first goes on, also after another has died.

Two never take from one person at the same time: the row says what is left, and is held meanwhile (erase.py).
Whoever cannot be erased, because of a fault of ours, keeps nobody else waiting.
"""

import asyncio
import logging

from conversations.accounts.erase import live_of, take_some
from conversations.db import in_db
from conversations.errors import Conflict, Unavailable
from conversations.models import Erasure
from conversations.runs import stop

log = logging.getLogger(__name__)

# Who has asked for it looks at the person's page within a few seconds.
LOOK_SECONDS = 3.0
# Others want to be answered by this process, and by Postgres.
REST_SECONDS = 0.1


async def keep_erasing() -> None:
    """For as long as the process lives."""
    while True:
        for erasure in await _asked_for():
            try:
                await _go_on(erasure)
            except (Conflict, Unavailable) as problem:
                log.info("an erasure waits: %s", type(problem).__name__)
            except Exception:
                log.exception("erasing %s failed; it is tried again", erasure.person_id)
        await asyncio.sleep(LOOK_SECONDS)


async def _asked_for() -> list[Erasure]:
    try:
        return await in_db(_oldest_first)()
    except Unavailable:
        return []


def _oldest_first() -> list[Erasure]:
    return list(Erasure.objects.select_related("person").order_by("asked_at"))


async def _go_on(erasure: Erasure) -> None:
    """To the end, or until a legal hold comes, or somebody else is at it."""
    for conversation in await in_db(live_of)(erasure.person):
        await stop.stop_all_in(conversation)  # so that what it cost is on the ledger
    is_more = True
    while is_more:
        is_more = await in_db(take_some)(erasure.person_id)
        await asyncio.sleep(REST_SECONDS)
