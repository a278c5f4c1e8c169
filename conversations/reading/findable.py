"""What was written becomes findable: soon for everybody, and at once for whoever searches."""

from django.db import connection

from conversations.models import User

# Of one's own, before a search looks: an import of thousands is not waited for.
OWN_AT_ONCE = 200
CATCH_UP = "SELECT chatsite_catch_up(%s, %s)"


def catch_up(user: User) -> None:
    """Who has just said something finds it. In a transaction."""
    _caught_up(str(user.pk), OWN_AT_ONCE)


def catch_up_all(most: int) -> bool:
    """At most so many, the oldest first; whether more may be waiting. Somebody else may be at it."""
    return _caught_up(None, most) == most


def _caught_up(whose: str | None, most: int) -> int:
    with connection.cursor() as cursor:
        cursor.execute(CATCH_UP, [whose, most])
        [(count,)] = cursor.fetchall()
    return int(count)
