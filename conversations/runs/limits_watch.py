"""A change of the rate limits is in force in every process, within seconds and without a restart."""

import asyncio
import logging
from typing import Any

from django.db.models.signals import post_delete, post_save

from conversations.db import in_db
from conversations.errors import Unavailable
from conversations.events import doorbell
from conversations.models import RateLimit
from conversations.usage import bounds

log = logging.getLogger(__name__)

# For a ring that was missed while the doorbell did not notice.
LOOK_SECONDS = 30.0


def watch() -> None:
    post_save.connect(_changed, RateLimit)
    post_delete.connect(_changed, RateLimit)


def _changed(**_: Any) -> None:
    doorbell.ring({"limits": True})
    bounds.rules.changed()


async def keep_looking() -> None:
    while True:
        try:
            await look()
        except Unavailable:
            log.warning("the rate limits stay as they were: the database is away")
        await asyncio.sleep(LOOK_SECONDS)


async def look() -> None:
    await in_db(bounds.rules.read)()
