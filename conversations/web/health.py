"""For whatever keeps the process alive: is it up, and can it work?"""

import logging
from collections.abc import Callable

from django.conf import settings
from django.db import connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from conversations.db import is_away, migrations_missing
from conversations.events import doorbell
from conversations.runs import reaper

log = logging.getLogger(__name__)

AWAY = "cannot be reached"
# What was not as it should be when somebody last asked: the log hears of a change, not of each question.
_wrong: dict[str, str] = {}


@never_cache
@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    """The process lives; no database is asked."""
    return JsonResponse({"status": "ok"})


@never_cache
@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """200 when every part can work, else 503 with a reason for each part."""
    parts = {"database": AWAY if is_away() else _said(_database, AWAY), "doorbell": _doorbell()}
    is_there = parts["database"] == "ok"
    parts["migrations"] = _said(_migrations, "cannot be read") if is_there else "unknown"
    if settings.RUNS == "workers":
        parts["workers"] = _said(_workers, "cannot be read") if is_there else "unknown"
    wrong = {name: state for name, state in parts.items() if state != "ok"}
    _note(wrong)
    body = {"status": "unavailable" if wrong else "ok", **parts}
    response = JsonResponse(body, status=503 if wrong else 200)
    response._has_been_logged = True  # type: ignore[attr-defined]  # noqa: SLF001 Django would, each time
    return response


def _note(wrong: dict[str, str]) -> None:
    """In a process. Load balancers ask every second or two, for as long as it lasts."""
    global _wrong  # noqa: PLW0603 one answer a process
    if wrong and wrong != _wrong:
        log.error("not ready: %s", "; ".join(f"{name}: {state}" for name, state in wrong.items()))
    if _wrong and not wrong:
        log.warning("ready again")
    _wrong = wrong


def _said(look: Callable[[], str], otherwise: str) -> str:
    try:
        return look()
    except Exception:  # noqa: BLE001 psycopg's pool has errors that Django does not wrap
        return otherwise


def _database() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return "ok"


def _migrations() -> str:
    missing = migrations_missing()
    return "ok" if not missing else f"{missing} not applied"


def _doorbell() -> str:
    return "ok" if doorbell.is_listening() else "does not listen"


def _workers() -> str:
    return "ok" if reaper.workers_alive() else "none is running: start manage.py run_worker"
