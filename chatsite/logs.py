"""Logs: one line an event on standard error, ids and numbers, never a person's words or a key."""

import json
import logging
from datetime import UTC, datetime
from typing import Any

from django.core.exceptions import SuspiciousOperation

from chatsite.hidden import Line, hidden
from conversations import traced

FORMS = {"line": "chatsite.hidden.Line", "json": "chatsite.logs.Json"}


class ByDoor(logging.Filter):
    """Django names what went wrong by the address that was called, in which a link's key may stand, and what
    somebody typed: here it is the door. And it quotes requests that are forged: what they were about is said
    by the name of the log."""

    def filter(self, record: logging.LogRecord) -> bool:
        path = getattr(getattr(record, "request", None), "path", None)
        if path is None:
            return True
        if record.exc_info and isinstance(record.exc_info[1], SuspiciousOperation):
            record.msg, record.args, record.exc_info = "refused: %s", (path,), None
        said = record.args if isinstance(record.args, tuple) else ()
        as_django_writes_it = path.encode("unicode_escape").decode("ascii")
        known = (path, as_django_writes_it)
        record.args = tuple(door(path) if one in known else one for one in said)
        return True


def door(path: str) -> str:
    from django.urls import Resolver404, resolve  # this module is read by the settings

    try:
        return f"/{resolve(path).route}"
    except Resolver404:
        return "an address that is none of ours"


class Json(Line):
    """An object a line, for a machine that collects them."""

    def format(self, record: logging.LogRecord) -> str:
        told: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            **traced.ids(),
            "message": hidden(record.getMessage()),
        }
        if record.exc_info:
            told["error"] = hidden(self.formatException(record.exc_info))
        # Half of a surrogate pair is no UTF-8: escaped, it breaks neither this line nor the next.
        return json.dumps(told, ensure_ascii=True)


def logging_as(form: str) -> dict[str, Any]:
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "line": {
                "class": FORMS[form],
                "format": "{asctime} {levelname} {name}: {message}",
                "style": "{",
            },
        },
        "filters": {"by_door": {"()": "chatsite.logs.ByDoor"}},
        "handlers": {
            "stderr": {
                "class": "logging.StreamHandler",
                "formatter": "line",
                "filters": ["by_door"],
            },
        },
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
