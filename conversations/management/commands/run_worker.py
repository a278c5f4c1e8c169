"""`manage.py run_worker`: a process that executes runs, for CHATSITE_RUNS=workers."""

import asyncio
import os
import signal
from contextlib import suppress
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from conversations.db import in_db, migrations_missing
from conversations.errors import Unavailable
from conversations.management import data_directory, telling
from conversations.runs import process

LOOK_SECONDS = 0.5
WRONG_MODE = "CHATSITE_RUNS is “here”: the web process runs answers itself. Set it to “workers”."


class Command(BaseCommand):
    help = "Execute answers for web processes with CHATSITE_RUNS=workers, until SIGTERM or SIGINT."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.RUNS != "workers":
            raise CommandError(WRONG_MODE)
        data_directory.looked_at()
        telling.tell()
        asyncio.run(self._work())

    async def _work(self) -> None:
        """A first signal lets running answers finish, a second one ends at once."""
        told = asyncio.Event()

        def leave() -> None:
            if told.is_set():
                os._exit(1)
            told.set()

        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, leave)
        if not await self._wait_for_tables(told):
            return
        process.ensure_started(works=True)
        self._say("Executing answers.")
        await told.wait()
        await process.leave(settings.DRAIN_SECONDS)

    async def _wait_for_tables(self, told: asyncio.Event) -> bool:
        """Whoever starts everything at once migrates meanwhile. False when told to leave before."""
        waits = False
        while not await _tables_are_there():
            if not waits:
                self._say("Waiting for the database and its migrations …")
            waits = True
            with suppress(TimeoutError):
                async with asyncio.timeout(LOOK_SECONDS):
                    await told.wait()
            if told.is_set():
                return False
        return True

    def _say(self, sentence: str) -> None:
        self.stdout.write(sentence)
        self.stdout.flush()


async def _tables_are_there() -> bool:
    try:
        return not await in_db(migrations_missing)()
    except Unavailable:
        return False
