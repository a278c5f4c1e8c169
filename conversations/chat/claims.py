"""One person's sends, edits and tries: one after the other, and each id once.

A question has no round trip to spare before its first token (docs/decisions/0078): what is asked of
Postgres before anything is decided goes there in one, what is written down in the end in another.
"""

from copy import copy
from dataclasses import dataclass
from typing import Any

import orjson
from django.db import DEFAULT_DB_ALIAS, connection
from django.utils import timezone

from conversations.errors import NotLoggedIn
from conversations.events import doorbell
from conversations.models import Claim, Preferences, SendLog, User
from conversations.usage import bounds, limits
from conversations.usage.bounds import Bounds

# Each statement sees what was committed when it begins: the second and third, what those have done
# for whom the first had to wait.
OPEN = """
SELECT times FROM conversations_sendlog WHERE user_id = %(user)s FOR UPDATE;
SELECT extract(epoch FROM clock_timestamp())::float8,
       person.is_active, mine.user_id, mine.system_prompt, mine.time_zone
FROM conversations_user person LEFT JOIN conversations_preferences mine ON mine.user_id = person.id
WHERE person.id = %(user)s;
SELECT fingerprint, ack::text FROM conversations_claim WHERE user_id = %(user)s AND key = %(key)s
"""
# Only where a limit is for a group.
OPEN_WITH_GROUPS = f"{OPEN};{bounds.GROUPS_OF}"
CLOSE = f"""
UPDATE conversations_sendlog SET times = %(times)s::float8[] WHERE user_id = %(user)s;
INSERT INTO conversations_claim (user_id, key, fingerprint, ack, created_at)
VALUES (%(user)s, %(key)s, %(fingerprint)s, %(ack)s::jsonb, %(now)s);
{doorbell.RING}
"""  # noqa: S608 no word of theirs is in it
# Of preferences, what the model reads. The others are fetched should anybody ask for them.
READ_BY_THE_MODEL = ["user_id", "system_prompt", "time_zone"]


@dataclass(frozen=True, slots=True)
class Earlier:
    """What was done under this id before, and its ack. None: that was deleted since."""

    fingerprint: str
    ack: dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class Claiming:
    """The lock is held until the transaction ends. `user` comes with their preferences as they are now;
    `bounds` are the limits that hold for them."""

    user: User
    key: str
    bounds: Bounds
    times: list[float]
    earlier: Earlier | None

    def done(self, fingerprint: str, ack: object, *news: doorbell.News) -> None:
        """Count it, keep its ack and ring. Nothing of it is true before the transaction is committed."""
        values = {
            "times": self.times,
            "user": self.user.pk,
            "key": self.key,
            "fingerprint": fingerprint,
            "ack": orjson.dumps(ack).decode(),
            "now": timezone.now(),
            **doorbell.told(*news),
        }
        with connection.cursor() as cursor:
            cursor.execute(CLOSE, values)


def claiming(user: User, key: str, address: str | None) -> Claiming:
    """Wait for this person's other sends, and for who deactivates them. Raises RateLimited, unless the id
    was claimed before; NotLoggedIn for whom that door is closed by now."""
    rules = bounds.rules.known()
    opening = OPEN_WITH_GROUPS if rules.ask_for_groups else OPEN
    log, known, claim, *groups = _opened(opening, user, key)
    if log is None:  # the first message of this person
        SendLog.objects.bulk_create([SendLog(user=user)], ignore_conflicts=True)
        log, known, claim, *groups = _opened(opening, user, key)
    if not known or not known[1]:
        raise NotLoggedIn
    now, person, (times,) = known[0], _with(user, known[2:]), log
    mine = rules.bounds(user.pk, groups[0][0] if groups else (), address)
    if claim is None:
        return Claiming(person, key, mine, limits.one_more(mine, times, now), None)
    fingerprint, ack = claim
    return Claiming(person, key, mine, times, Earlier(fingerprint, ack and orjson.loads(ack)))


def ack_of(user: User, key: str) -> dict[str, Any] | None:
    """What was answered under this id; None: nothing yet. It may come a moment later: `claiming` is sure."""
    found: dict[str, Any] | None = (
        Claim.objects.filter(user=user, key=key).values_list("ack", flat=True).first()
    )
    return found


def _opened(opening: str, user: User, key: str) -> list[Any]:
    """The one row of each statement, or None."""
    with connection.cursor() as cursor:
        cursor.execute(opening, {"user": user.pk, "key": key})
        rows = [cursor.fetchone()]
        while cursor.nextset():
            rows.append(cursor.fetchone())
    return rows


def _with(user: User, preferences: tuple[Any, ...]) -> User:
    """A copy: `user` may live as long as a socket, and what they prefer only as long as this."""
    person = copy(user)
    person.preferences = (
        Preferences.from_db(DEFAULT_DB_ALIAS, READ_BY_THE_MODEL, preferences)
        if preferences[0]
        else Preferences(user=person)
    )
    return person
