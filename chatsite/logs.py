"""Logs: one line an event on standard error, ids and numbers, never a person's words or a key."""

from typing import Any

LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "class": "chatsite.hidden.Line",
            "format": "{asctime} {levelname} {name}: {message}",
            "style": "{",
        },
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "INFO"},
    "loggers": {
        "django": {"level": "WARNING"},
        # A 404 is an answer, not an event; a 500 arrives through django.request as an error.
        "django.request": {"level": "ERROR"},
        "django.security.DisallowedHost": {"level": "CRITICAL"},
        "daphne": {"level": "WARNING"},
        # httpx2 logs the whole address of every request.
        "httpx2": {"level": "WARNING"},
        "openai": {"level": "WARNING"},
        # One line a second while Postgres is away; the doorbell says it once.
        "psycopg.pool": {"level": "ERROR"},
    },
}
