"""`manage.py serve`: the web process."""

import errno
import gc
from typing import Any

from channels.routing import get_default_application
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from chatsite.listening import listening_socket
from conversations.management import data_directory


class Command(BaseCommand):
    help = "Serve the site with Daphne on CHATSITE_HOST and CHATSITE_PORT until SIGTERM or SIGINT."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--prepare",
            action="store_true",
            help="First migrate and make the first administrator, then print how to sign in.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        data_directory.looked_at()
        try:
            listening = listening_socket(settings.HOST, settings.PORT)
        except OSError as problem:
            raise CommandError(_why_not(problem)) from None
        banner = ""
        if options["prepare"]:
            from conversations.accounts import setup

            banner = setup.prepare()
        # Imported here: Daphne installs its reactor at import, which no other command wants. And
        # after the socket: Twisted takes LISTEN_FDS out of the environment when it is imported.
        from chatsite.server import Server

        application = get_default_application()
        gc.collect()
        gc.freeze()  # what was imported lives for ever: the collector need not look at it again
        Server(application, listening, ready=lambda: self._print(banner)).run()

    def _print(self, banner: str) -> None:
        self.stdout.write(banner or f"Serving {settings.PUBLIC_URL}/")
        self.stdout.flush()


def _why_not(problem: OSError) -> str:
    place = f"{settings.HOST}:{settings.PORT}"
    if problem.errno == errno.EADDRINUSE:
        return (
            f"{place} is in use by another program. Stop it, or set CHATSITE_PORT to another port."
        )
    if problem.errno == errno.EACCES:
        return f"{place} may not be used by this user. Set CHATSITE_PORT to a port from 1024 on."
    return f"{place} cannot be used ({problem.strerror}). Check CHATSITE_HOST and CHATSITE_PORT."
