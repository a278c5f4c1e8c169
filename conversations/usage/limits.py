"""How much one person may ask at once: one limiter for every door, held across processes by a row lock."""

import math
import time

from django.conf import settings
from django.db import connection
from django.utils.translation import gettext_lazy as _

from conversations.errors import RateLimited
from conversations.models import SendLog, User

WINDOW_SECONDS = 60.0
TOO_MANY_MESSAGES = _("You have sent {count} messages within a minute. Try again in {seconds} s.")
TOO_MANY_RUNS = _("You have {count} answers under way already. Wait for one or stop one.")
RUN_RETRY_SECONDS = 5
UNDER_WAY = """
SELECT count(*) FROM conversations_run WHERE user_id = %s AND status IN ('waiting', 'running')
"""


def serialise(user: User) -> SendLog:
    """Lock this user's sends until the transaction ends. Take it before anything else is decided."""
    locked = SendLog.objects.select_for_update().filter(user=user)
    found = locked.first()
    if found is None:  # the first message of this person
        SendLog.objects.bulk_create([SendLog(user=user)], ignore_conflicts=True)
        found = locked.get()
    return found


def spend_one(log: SendLog) -> None:
    """Count one message. Raises RateLimited, and counts nothing, when the last minute was full."""
    log.times = one_more(log.times)
    log.save(update_fields=["times"])


def one_more(times: list[float]) -> list[float]:
    """When the messages of the last minute were sent, with one that is sent now. Raises RateLimited."""
    limit = settings.USER_REQUESTS_PER_MINUTE
    if not limit:
        return times
    now = time.time()
    recent = [moment for moment in times if now - WINDOW_SECONDS < moment <= now]
    if len(recent) >= limit:
        seconds = max(1, math.ceil(recent[-limit] + WINDOW_SECONDS - now))
        sentence = TOO_MANY_MESSAGES.format(count=limit, seconds=seconds)
        raise RateLimited(sentence, retry_after=seconds)
    return [*recent, now]


def may_run(user: User) -> None:
    """Raises RateLimited when as many answers are under way as one person may have at once."""
    limit = settings.USER_RUNS
    if limit and _under_way(user) >= limit:
        raise RateLimited(TOO_MANY_RUNS.format(count=limit), retry_after=RUN_RETRY_SECONDS)


def _under_way(user: User) -> int:
    with connection.cursor() as cursor:  # a third of what the ORM takes, for each question
        cursor.execute(UNDER_WAY, [user.pk])
        [(count,)] = cursor.fetchall()
    return int(count)
