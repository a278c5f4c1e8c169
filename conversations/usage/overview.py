"""How every budget stands now, for those who look after the site."""

from datetime import datetime

from django.db import connection

from conversations.models import Budget
from conversations.models.budgets import SHARED
from conversations.usage.standing import Standing

# Of one that each person has to themselves: how it stands for whoever has used most of it.
NOW = """
SELECT b.id, b.name, b.scope, b.measure, b.period, b."limit", of.began,
       CASE WHEN b.scope IN ('each', 'member')
            THEN (SELECT coalesce(max(s.used), 0) FROM conversations_spending s
                   WHERE s.budget_id = b.id AND s.began = of.began)
            ELSE coalesce((SELECT s.used FROM conversations_spending s
                            WHERE s.budget_id = b.id AND s.whom = of.whom AND s.began = of.began),
                          chatsite_spent(b, of.whom, of.began)) END,
       CASE WHEN b.scope IN ('each', 'member') THEN 0 ELSE chatsite_reserved(b, of.whom) END,
       clock_timestamp()
  FROM conversations_budget b,
       LATERAL (SELECT date_trunc(b.period, clock_timestamp(), 'UTC') AS began,
                       coalesce(b.user_id, '00000000-0000-0000-0000-000000000000') AS whom) of
 WHERE b.is_enabled
 ORDER BY b.id
"""
# Each is told of once, by whichever process comes first.
TELL = """
UPDATE conversations_spending s SET told_at = now()
  FROM conversations_budget b
 WHERE s.budget_id = b.id AND b.is_enabled AND b.scope IN ('site', 'group') AND s.told_at IS NULL
   AND s.began = date_trunc(b.period, clock_timestamp(), 'UTC') AND s.used >= b."limit" * %s
RETURNING b.id
"""
# Counters of times that nobody asks for any more. A late row makes its own anew.
FORGET = "DELETE FROM conversations_spending WHERE began < %s"


def everything() -> dict[int, Standing]:
    """By the id of the budget. One statement."""
    with connection.cursor() as cursor:
        cursor.execute(NOW)
        return {row[0]: Standing(*row) for row in cursor.fetchall()}


def newly_warned(share: float) -> list[Standing]:
    """Those that count people together, of which so much is gone and nobody was told yet. They count as
    told with the commit of this transaction."""
    with connection.cursor() as cursor:
        cursor.execute(TELL, [share])
        told = {row[0] for row in cursor.fetchall()}
    return [standing for id, standing in everything().items() if id in told] if told else []


def forget(before: datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute(FORGET, [before])


def warned() -> list[Standing]:
    """Those that count people together and have little left."""
    if not Budget.objects.filter(is_enabled=True, scope__in=SHARED).exists():
        return []
    found = everything().values()
    return [one for one in found if one.scope in SHARED and one.state != "ok"]
