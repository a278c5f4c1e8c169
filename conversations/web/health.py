"""For whatever keeps the process alive: is it up, and can it work?"""

from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from conversations.db import is_away, migrations_missing
from conversations.events import doorbell
from conversations.runs import reaper


@never_cache
@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    """The process lives; no database is asked."""
    return JsonResponse({"status": "ok"})


@never_cache
@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """200 when every part can work, else 503 with a reason for each part."""
    parts = {"database": _database(), "doorbell": _doorbell()}
    is_there = parts["database"] == "ok"
    parts["migrations"] = _migrations() if is_there else "unknown"
    if settings.RUNS == "workers":
        parts["workers"] = _workers() if is_there else "unknown"
    ready = all(state == "ok" for state in parts.values())
    body = {"status": "ok" if ready else "unavailable", **parts}
    return JsonResponse(body, status=200 if ready else 503)


def _database() -> str:
    if is_away():
        return "cannot be reached"
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Exception:  # noqa: BLE001 psycopg's pool has errors that Django does not wrap
        return "cannot be reached"
    return "ok"


def _migrations() -> str:
    try:
        missing = migrations_missing()
    except DatabaseError:
        return "cannot be read"
    return "ok" if not missing else f"{missing} not applied"


def _doorbell() -> str:
    return "ok" if doorbell.is_listening() else "does not listen"


def _workers() -> str:
    return "ok" if reaper.workers_alive() else "none is running: start manage.py run_worker"
