#!/usr/bin/env python
"""Django's command line for this site."""

import os
import sys

AWAY = "Postgres cannot be reached: {said}. `manage.py doctor` says what to do."


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatsite.settings")
    from django.core.management import execute_from_command_line
    from django.db import OperationalError

    try:
        execute_from_command_line(sys.argv)
    except OperationalError:
        from conversations.db import why_away

        if (said := why_away()) is None:
            raise
        sys.exit(AWAY.format(said=said))


if __name__ == "__main__":
    main()
