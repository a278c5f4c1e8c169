"""`python -m bench.desk`: the first page of the desk over a year of ten million calls.

1,000 people × 3 models × 365 days, as the sums of the ledger would stand after them; and 30,000 calls of the
last day and a half on the ledger itself, 3,000 of them not counted yet. Made once, in a Postgres of its own
under var/, and used again. With DATABASE_URL it is made there.
"""

import sys
import time
from statistics import median

import psycopg

from bench.own_postgres import database, set_up

GOAL_MS = 300
ROUNDS = 7
RANGES = ("24h", "7d", "30d", "90d", "12m")

# Some nine calls a row: ten million in a year.
YEAR = """
INSERT INTO conversations_user (id, username, password, is_superuser, is_staff, is_active, first_name,
  last_name, email, date_joined)
SELECT md5('person' || n)::uuid, 'person' || n, '!', false, false, true, '', '', '', now()
  FROM generate_series(1, 1000) AS n;
INSERT INTO auth_group (name) SELECT 'Group ' || n FROM generate_series(1, 20) AS n;
INSERT INTO conversations_user_groups (user_id, group_id)
SELECT md5('person' || n)::uuid, (SELECT min(id) FROM auth_group WHERE name LIKE 'Group %') + n % 20
  FROM generate_series(1, 1000) AS n;
INSERT INTO conversations_dailyuse (day, user_id, provider, model, purpose, calls, questions, errors, priced,
  input_tokens, cached_input_tokens, output_tokens, reasoning_tokens, cost_micros, {waits})
SELECT current_date - d, md5('person' || n)::uuid, 'openai', 'model-' || m, 'chat', 9, 8, n % 2, 9,
       9000 + n * m, 4000, 3000 + d, 100, 4000 + n * m, {zeros}
  FROM generate_series(0, 364) AS d, generate_series(1, 1000) AS n, generate_series(1, 3) AS m
 ORDER BY 1;  -- as days go by
INSERT INTO conversations_monthlyuse (day, user_id, {columns})
SELECT date_trunc('month', day)::date, user_id, {sums} FROM conversations_dailyuse GROUP BY 1, 2, {keys};
INSERT INTO conversations_siteuse (day, {columns})
SELECT day, {sums} FROM conversations_dailyuse GROUP BY 1, {keys};
"""
CALLS = """
INSERT INTO conversations_providercall (id, user_id, provider, model, purpose, at, attempt, outcome,
  request_id, detail, seconds, first_token_seconds, input_tokens, output_tokens, cost_micros)
SELECT gen_random_uuid(), md5('person' || n % 1000 + 1)::uuid, 'openai', 'model-' || n % 3 + 1, 'chat',
       now() - n * interval '4 seconds', 1, 'ok', '', '', 2, 0.5, 1000, 300, 400
  FROM generate_series(1, 30000) AS n;
DELETE FROM conversations_uncounted WHERE call NOT IN (SELECT call FROM conversations_uncounted LIMIT 3000);
"""


def year(url: str) -> None:
    """What a year leaves, if it is not there already."""
    from conversations.models import DailyUse
    from conversations.models.rollups import SUMS, WAITS

    if DailyUse.objects.exists():
        return
    keys = "provider, model, purpose"
    filled = YEAR.format(
        waits=", ".join(WAITS),
        zeros=", ".join("1" if 3 < step < 12 else "0" for step in range(len(WAITS))),
        columns=f"{keys}, {', '.join(SUMS)}",
        sums=f"{keys}, {', '.join(f'sum({name})' for name in SUMS)}",
        keys=keys,
    )
    print("Writing a year of sums …", file=sys.stderr)
    with psycopg.connect(url, autocommit=True) as postgres:
        postgres.execute((filled + CALLS).encode())
        postgres.execute("VACUUM ANALYZE")


def took(name: str, group: int | None) -> float:
    """Milliseconds to know what the page shows."""
    from django.utils import timezone

    from conversations.db import in_transaction
    from conversations.review.dashboard import Scope, board
    from conversations.usage.periods import named

    began = time.perf_counter()
    in_transaction(board, named(name, timezone.now()), Scope(group=group))
    return (time.perf_counter() - began) * 1000


def main() -> int:
    slow = 0
    with database("desk") as url:
        set_up(url)
        year(url)
        from django.contrib.auth.models import Group

        group = Group.objects.get(name="Group 7").pk
        print("| the desk | median ms | slowest | met |", "| --- | --- | --- | --- |", sep="\n")
        for name in RANGES:
            for of, what in ((None, "everybody"), (group, "a group of 50")):
                times = [took(name, of) for _ in range(ROUNDS)]
                met = median(times) <= GOAL_MS
                slow += not met
                figures = f"{median(times):.0f} | {max(times):.0f} | {'yes' if met else 'NO'}"
                print(f"| {name}, {what} | {figures} |", flush=True)
    return 1 if slow else 0


if __name__ == "__main__":
    sys.exit(main())
