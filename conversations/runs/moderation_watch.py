"""Patterns are in force in every process within seconds; answers are looked at once they have ended."""

import asyncio
import logging
from typing import Any
from uuid import UUID

from django.db.models.signals import post_delete, post_save

from conversations.db import in_db
from conversations.errors import Unavailable
from conversations.events import doorbell
from conversations.models import Moderation, Pattern
from conversations.moderation import known, marking
from conversations.tasks import keep

log = logging.getLogger(__name__)

AGAIN_SECONDS = 2.0
TIMES = 5


def watch() -> None:
    for table in (Pattern, Moderation):
        post_save.connect(_changed, table)
        post_delete.connect(_changed, table)


def _changed(**_: Any) -> None:
    doorbell.ring({"moderation": True})
    known.rows.changed()


async def look() -> None:
    await in_db(known.rows.read)()


def after(answer: UUID) -> None:
    """It has been sealed. Returns at once; where nobody looks at answers nothing is done."""
    last = known.rows.as_last_known()
    if last is None or last.answers.owners:
        keep(_look_at(answer))


async def _look_at(answer: UUID) -> None:
    for _attempt in range(TIMES):
        try:
            await in_db(marking.look_at_answer)(answer)
            return
        except Unavailable:
            await asyncio.sleep(AGAIN_SECONDS)
    log.warning("answer %s was not looked at: the database was away", answer)
