"""What is written is made findable in the background: no question and no answer waits for it."""

import asyncio
import logging

from conversations.db import in_db
from conversations.errors import Unavailable
from conversations.reading import findable

log = logging.getLogger(__name__)

# Whoever searches makes their own findable at once (reading/findable.py).
LOOK_SECONDS = 2.0
# A transaction makes so many findable at most: a search may have to wait for it.
AT_ONCE = 20
# Postgres has others to serve, too, while an import of thousands is made findable.
BREATH_SECONDS = 0.02


async def keep_findable() -> None:
    pause = LOOK_SECONDS
    while True:
        await asyncio.sleep(pause)
        try:
            more = await in_db(findable.catch_up_all)(AT_ONCE)
        except Unavailable:
            log.info("library: not now, the database is away")
            more = False
        pause = BREATH_SECONDS if more else LOOK_SECONDS
