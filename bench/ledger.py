"""`python -m bench.ledger`: ten million calls of a year onto the ledger of a seeded database, and all of them
added up anew; and a million entries of the audit.

DATABASE_URL names it, as an owner of the database: the rows go in past the triggers, which would note each of
them one by one. They stay for ever: do it in a database of its own. ROWS=100000 enters fewer calls, ROWS=0
none; ENTRIES=0 leaves the audit alone.
"""

import os
import sys
import time

import psycopg

from bench.own_django import set_up

ROWS = int(os.environ.get("ROWS", "10000000"))
ENTRIES = int(os.environ.get("ENTRIES", "1000000"))
AT_ONCE = 1_000_000
# As days go by, so that the newest rows lie together, as they do on a site that has grown.
ENTER = """
INSERT INTO conversations_providercall (id, user_id, conversation, run, provider, model, purpose, at, attempt,
  outcome, request_id, detail, seconds, first_token_seconds, input_tokens, cached_input_tokens, output_tokens,
  cost_micros)
SELECT uuidv7(at - now()), people[1 + (n * 7919) %% cardinality(people)], NULL, NULL, provider,
       models[1 + n %% cardinality(models)], CASE WHEN n %% 8 > 0 THEN 'chat' ELSE 'title' END, at, 1,
       CASE WHEN n %% 50 > 0 THEN 'ok' ELSE 'provider_error' END,
       'req_' || md5(n::text), '', 2, 0.2 + n %% 37 / 10.0,
       900 + n %% 700, n %% 400, 300, 400 + n %% 90
  FROM (SELECT n, now() - interval '365 days' * ((%(rows)s - n)::float8 / %(rows)s) AS at
          FROM generate_series(%(first)s::bigint, %(last)s::bigint) AS n) AS made,
       (SELECT array_agg(id) AS people FROM conversations_user) AS everybody,
       (SELECT array_agg(DISTINCT model) AS models, min(provider) AS provider
          FROM conversations_siteuse) AS asked
"""
# People who sign in and out, and for every hundredth staff who read.
AUDIT = """
INSERT INTO conversations_auditentry (id, at, actor_id, actor, acted_as, action, object_type, object_id,
  owner_id, owner, address, reason, detail)
SELECT uuidv7(at - now()), at, id, username, CASE WHEN is_read THEN 'staff' ELSE 'person' END,
       CASE WHEN is_read THEN 'conversation.open' WHEN n %% 2 = 0 THEN 'session.start' ELSE 'session.end' END,
       CASE WHEN is_read THEN 'conversation' ELSE 'user' END, id, id, username,
       ('10.0.' || n %% 200 || '.' || n %% 250)::inet, CASE WHEN is_read THEN 'a report' ELSE '' END, '{}'
  FROM (SELECT n, n %% 100 = 0 AS is_read, 1 + (n::bigint * 7919) %% people AS place,
               now() - interval '365 days' * ((%(rows)s - n)::float8 / %(rows)s) AS at
          FROM generate_series(1, %(rows)s) AS n, (SELECT count(*) AS people FROM conversations_user)) AS made
  JOIN (SELECT row_number() OVER (ORDER BY id) AS place, id, username FROM conversations_user) AS person
 USING (place)
 ORDER BY at
"""


def entered(url: str) -> float:
    """Seconds that it took."""
    began = time.perf_counter()
    with psycopg.connect(url, autocommit=True) as postgres:
        postgres.execute("SET session_replication_role = replica")
        for first in range(1, ROWS + 1, AT_ONCE):
            last = min(ROWS, first + AT_ONCE - 1)
            postgres.execute(ENTER, {"rows": ROWS, "first": first, "last": last})
            print(f"{last:,} calls", file=sys.stderr, flush=True)
        if ENTRIES:
            postgres.execute(AUDIT, {"rows": ENTRIES})
        postgres.execute("VACUUM ANALYZE conversations_providercall, conversations_auditentry")
    return time.perf_counter() - began


def added_up() -> tuple[int, float]:
    """How many calls, and in how many seconds: `manage.py roll_up --again`."""
    set_up()
    from django.db import connection, transaction

    from conversations.usage import rollups

    began = time.perf_counter()
    with transaction.atomic():
        count = rollups.count_again()
    took = time.perf_counter() - began
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    return count, took


def main() -> int:
    seconds = entered(os.environ["DATABASE_URL"])
    print(f"{ROWS:,} calls and {ENTRIES:,} entries of the audit entered in {seconds:.0f} s")
    if not ROWS:
        return 0
    count, seconds = added_up()
    print(f"{count:,} calls added up anew in {seconds:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
