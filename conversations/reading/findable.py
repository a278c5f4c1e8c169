"""What was written becomes findable: soon for everybody, and at once for whoever searches."""

import logging

from django.db import OperationalError, connection, transaction
from psycopg.errors import DeadlockDetected, LockNotAvailable, QueryCanceled

from conversations.models import User

log = logging.getLogger(__name__)

# Of one's own, before a search looks: an import of thousands is not waited for.
OWN_AT_ONCE = 200
# Nor are the longest messages and files, nor what others make findable meanwhile: one at a time does.
OWN_MS = 1_500
PATIENCE = f"SET LOCAL lock_timeout = {OWN_MS}; SET LOCAL statement_timeout = {OWN_MS}"
CATCH_UP = "SELECT chatsite_catch_up(%s, %s)"


def catch_up(user: User) -> None:
    """Who has just said something finds it, unless that takes too long now. In a transaction."""
    try:
        with transaction.atomic():  # what it began is left to whoever looks after all of them
            _caught_up(str(user.pk), OWN_AT_ONCE, PATIENCE)
    except OperationalError as problem:
        if not isinstance(problem.__cause__, QueryCanceled | LockNotAvailable | DeadlockDetected):
            raise
        log.info("user %s searches without what was written last", user.pk)


def catch_up_all(most: int) -> bool:
    """At most so many, the oldest first; whether more may be waiting. Somebody else may be at it."""
    return _caught_up(None, most) == most


def _caught_up(whose: str | None, most: int, patience: str = "") -> int:
    with connection.cursor() as cursor:
        if patience:
            cursor.execute(patience)
        cursor.execute(CATCH_UP, [whose, most])
        [(count,)] = cursor.fetchall()
    return int(count)
