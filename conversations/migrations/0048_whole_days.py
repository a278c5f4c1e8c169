"""Two sums more: somebody's whole day and whole month, of whatever model and purpose. And what a call counts
for, said in a way that takes Postgres half as long.

They are kept by triggers on `DailyUse` and `MonthlyUse`: the processes of the version before, which know
nothing of them, keep them as well. They are filled from there, in half a minute for ten million calls;
meanwhile nothing is added to the sums, and all else goes on.
"""

from importlib import import_module
from typing import Any, ClassVar

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

before: Any = import_module("conversations.migrations.0034_rollups")

PLAIN = ["calls", "questions", "errors", "priced", *before.AMOUNTS]
WAITS = before.WAITS
NUMBERS = [*PLAIN, *WAITS]

# `usage/rollups.py` adds under this lock.
NOBODY_ADDS = "SELECT pg_advisory_xact_lock(x'63686174726f6c6c'::bigint);"


# Which sum follows which.
FOLLOW = {
    "conversations_personday": "conversations_dailyuse",
    "conversations_personmonth": "conversations_monthlyuse",
}


def _adding(table: str, rows: str) -> str:
    """Those rows, onto what is known of each person. Nobody waits for anything but answers."""
    waits = (f"coalesce(sum({name}) FILTER (WHERE purpose = 'chat'), 0)" for name in WAITS)
    sums = ", ".join([*(f"sum({name})" for name in PLAIN), *waits])
    onto = ", ".join(f"{name} = so_far.{name} + excluded.{name}" for name in NUMBERS)
    return f"""
INSERT INTO {table} AS so_far (day, user_id, {", ".join(NUMBERS)})
SELECT day, user_id, {sums} FROM {rows} GROUP BY day, user_id ORDER BY day, user_id
ON CONFLICT (day, user_id) DO UPDATE SET {onto};"""  # noqa: S608 names of ours alone


def _trigger(table: str, event: str, tables: str, rows: str) -> str:
    name = f"{table.removeprefix('conversations_')}_follows_{event.lower()}"
    return f"""
CREATE FUNCTION chatsite_{name}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  {_adding(table, rows)}
  RETURN NULL;
END $$;
CREATE TRIGGER {name} AFTER {event} ON {FOLLOW[table]}
  REFERENCING {tables} FOR EACH STATEMENT EXECUTE FUNCTION chatsite_{name}();"""


# What a change has added is what there is now without what there was.
LESS = ", ".join(f"-{name}" for name in NUMBERS)
CHANGED = f"""(
    SELECT day, user_id, purpose, {", ".join(NUMBERS)} FROM now_there
    UNION ALL SELECT day, user_id, purpose, {LESS} FROM was_there) AS changed"""  # noqa: S608 as above


def _kept(table: str) -> str:
    changes = "OLD TABLE AS was_there NEW TABLE AS now_there"
    return (
        _trigger(table, "INSERT", "NEW TABLE AS now_there", "now_there")
        + _trigger(table, "UPDATE", changes, CHANGED)
        + _adding(table, FOLLOW[table])
    )


KEPT = NOBODY_ADDS + "".join(_kept(table) for table in FOLLOW)
NOT_KEPT = """
DROP FUNCTION chatsite_personday_follows_insert, chatsite_personday_follows_update,
  chatsite_personmonth_follows_insert, chatsite_personmonth_follows_update CASCADE;
"""


def _waited(step: int) -> str:
    """Without a number of the step in between, which would be reckoned for each call that is read, also
    where nobody asks how long it took."""
    ends = before.WAIT_ENDS
    bounds = [f">= {end}" for end in ends[step - 1 : step]] + [
        f"< {end}" for end in ends[step : step + 1]
    ]
    within = " AND ".join(f"first_token_seconds * 1000 {bound}" for bound in bounds)
    return f"coalesce(attempt IS NOT NULL AND {within}, false)::int AS {WAITS[step]}"


# `date_bin` counts; `date_trunc` looks up a time zone for each row.
OF_CALL = f"""
CREATE OR REPLACE VIEW conversations_calluse AS
SELECT id, at, date_bin('1 hour', at, '2000-01-01 00:00+00') AS hour, (at AT TIME ZONE 'UTC')::date AS day,
       user_id, provider, model, purpose,
       (attempt IS NOT NULL)::int AS calls,
       (purpose = 'chat' AND attempt IS NOT DISTINCT FROM 1)::int AS questions,
       (attempt IS NOT NULL AND outcome NOT IN ('ok', 'cancelled', 'cached'))::int AS errors,
       (cost_micros IS NOT NULL)::int AS priced,
       coalesce(input_tokens, 0)::bigint AS input_tokens,
       coalesce(cached_input_tokens, 0)::bigint AS cached_input_tokens,
       coalesce(output_tokens, 0)::bigint AS output_tokens,
       coalesce(reasoning_tokens, 0)::bigint AS reasoning_tokens,
       coalesce(cost_micros, 0) AS cost_micros,
       {", ".join(_waited(step) for step in range(len(WAITS)))},
       CASE WHEN attempt IS NOT NULL THEN {before.STEP} END AS wait
  FROM conversations_providercall;
"""  # noqa: S608 as above


def _table(name: str, key: str) -> list[Any]:
    id = models.BigAutoField(
        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
    )
    person = models.ForeignKey(
        db_constraint=False,
        db_index=False,
        null=True,
        on_delete=django.db.models.deletion.DO_NOTHING,
        related_name="+",
        to=settings.AUTH_USER_MODEL,
    )
    numbers = [
        *((name, models.IntegerField(default=0)) for name in before.COUNTS),
        *((name, models.BigIntegerField(default=0)) for name in before.AMOUNTS),
    ]
    one = models.UniqueConstraint(fields=("day", "user"), name=key, nulls_distinct=False)
    # The constraint by itself: as a part of the table it would come when all is done.
    return [
        migrations.CreateModel(
            name, [("id", id), ("day", models.DateField()), ("user", person), *numbers]
        ),
        migrations.AddConstraint(name, one),
    ]


class Migration(migrations.Migration):
    dependencies: ClassVar = [("conversations", "0047_left_to_do")]
    operations: ClassVar = [
        *_table("PersonDay", "one_day_of_a_person"),
        *_table("PersonMonth", "one_month_of_a_person"),
        migrations.RunSQL(KEPT, NOT_KEPT),
        migrations.RunSQL(OF_CALL, before.NO_VIEWS + before.VIEWS),
    ]
