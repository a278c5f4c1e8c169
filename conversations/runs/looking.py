"""What a process knows by heart is looked up when the doorbell says that it was changed, and once in a while:
a ring may be missed while the doorbell does not notice."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from conversations.errors import Unavailable

log = logging.getLogger(__name__)

LOOK_SECONDS = 30.0


async def keep_looking(look: Callable[[], Awaitable[None]], what: str) -> None:
    while True:
        try:
            await look()
        except Unavailable:
            log.warning("%s: as before, the database is away", what)
        await asyncio.sleep(LOOK_SECONDS)
