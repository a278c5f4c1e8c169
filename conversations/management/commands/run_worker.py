"""`manage.py run_worker`: a process that executes runs, for CHATSITE_RUNS=workers."""

import asyncio
import os
import signal
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from conversations.runs import process

WRONG_MODE = "CHATSITE_RUNS is “here”: the web process runs answers itself. Set it to “workers”."


class Command(BaseCommand):
    help = "Execute answers for web processes with CHATSITE_RUNS=workers, until SIGTERM or SIGINT."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.RUNS != "workers":
            raise CommandError(WRONG_MODE)
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
        process.ensure_started(works=True)
        self.stdout.write("Executing answers.")
        self.stdout.flush()
        await told.wait()
        await process.leave(settings.DRAIN_SECONDS)
