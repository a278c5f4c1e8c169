"""How late this process comes to what is due: the first sign that one process has too much to do."""

import asyncio

from conversations import counts

LOOK_SECONDS = 0.5


async def keep_looking() -> None:
    loop = asyncio.get_running_loop()
    while True:
        due = loop.time() + LOOK_SECONDS
        await asyncio.sleep(LOOK_SECONDS)
        counts.LAG.observe(max(0.0, loop.time() - due))
