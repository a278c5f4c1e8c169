"""How much one person may ask at once: one limiter for every door, held across processes by a row lock."""

import math
import time

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from conversations.errors import RateLimited
from conversations.models import Run, SendLog, User
from conversations.models.conversation import LIVE

WINDOW_SECONDS = 60.0
TOO_MANY_MESSAGES = _("You have sent {count} messages within a minute. Try again in {seconds} s.")
TOO_MANY_RUNS = _("You have {count} answers under way already. Wait for one or stop one.")
RUN_RETRY_SECONDS = 5


def serialise(user: User) -> SendLog:
    """Lock this user's sends until the transaction ends. Take it before anything else is decided.

    Who it is and what they prefer comes along: a question has no round trip to spare.
    """
    rows = SendLog.objects.select_related("user__preferences").filter(user=user)
    locked = rows.select_for_update(of=("self",))
    found = locked.first()
    if found is None:  # the first message of this person
        SendLog.objects.bulk_create([SendLog(user=user)], ignore_conflicts=True)
        found = locked.get()
    return found


def spend_one(log: SendLog) -> None:
    """Count one message. Raises RateLimited, and counts nothing, when the last minute was full."""
    limit = settings.USER_REQUESTS_PER_MINUTE
    if not limit:
        return
    now = time.time()
    recent = [moment for moment in log.times if now - WINDOW_SECONDS < moment <= now]
    if len(recent) >= limit:
        seconds = max(1, math.ceil(recent[-limit] + WINDOW_SECONDS - now))
        sentence = TOO_MANY_MESSAGES.format(count=limit, seconds=seconds)
        raise RateLimited(sentence, retry_after=seconds)
    log.times = [*recent, now]
    log.save(update_fields=["times"])


def may_run(user: User) -> None:
    """Raises RateLimited when as many answers are under way as one person may have at once."""
    limit = settings.USER_RUNS
    if limit and Run.objects.filter(user=user, status__in=LIVE).count() >= limit:
        raise RateLimited(TOO_MANY_RUNS.format(count=limit), retry_after=RUN_RETRY_SECONDS)
