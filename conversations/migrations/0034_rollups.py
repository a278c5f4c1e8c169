"""The ledger added up: three sums, a note of each call that is in none of them yet, and a view of both.

The note of ten million old rows takes some ten seconds; adding them up is the sweep's work afterwards.
"""

from typing import Any, ClassVar

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

WAIT_ENDS = (100, 150, 250, 400, 600, 1000, 1500, 2500, 4000, 6000, 10_000, 15_000, 30_000, 60_000)
WAITS = [f"wait_{step}" for step in range(len(WAIT_ENDS) + 1)]
COUNTS = ["calls", "questions", "errors", "priced", *WAITS]
AMOUNTS = [
    "input_tokens", "cached_input_tokens", "output_tokens", "reasoning_tokens", "cost_micros",
]  # fmt: skip
OF_PERSON = ["day", "user_id", "provider", "model", "purpose"]
SUMS = ", ".join([*COUNTS, *AMOUNTS])

# `width_bucket` tells between which of the ends a number lies: 0 is below the first.
STEP = (
    f"width_bucket(first_token_seconds * 1000, ARRAY[{', '.join(map(str, WAIT_ENDS))}]::float8[])"
)
WAITED = ",\n       ".join(
    f"(step IS NOT DISTINCT FROM {step})::int AS {name}" for step, name in enumerate(WAITS)
)
# A correction is no call, and has no attempt; what it adds may be negative.
OF_CALL = f"""
CREATE VIEW conversations_calluse AS
SELECT id, at, date_trunc('hour', at, 'UTC') AS hour, (at AT TIME ZONE 'UTC')::date AS day,
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
       {WAITED}
  FROM conversations_providercall,
       LATERAL (SELECT CASE WHEN attempt IS NOT NULL THEN {STEP} END OFFSET 0) AS waited(step);
"""  # noqa: S608 names of ours alone


DAILY_NOW = f"""
CREATE VIEW conversations_dailyusenow AS
SELECT id, {", ".join(OF_PERSON)}, {SUMS} FROM conversations_dailyuse
UNION ALL
SELECT 0, {", ".join(OF_PERSON)}, {SUMS}
  FROM conversations_calluse WHERE id IN (SELECT call FROM conversations_uncounted);
"""  # noqa: S608 names of ours alone
VIEWS = OF_CALL + DAILY_NOW
NO_VIEWS = "DROP VIEW conversations_dailyusenow, conversations_calluse;"
# In the transaction that enters the call, whichever that is: what is entered is noted, and nothing else is.
NOTED = """
CREATE FUNCTION chatsite_call_entered() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO conversations_uncounted (call) SELECT id FROM entered;
  RETURN NULL;
END $$;
CREATE TRIGGER call_is_uncounted AFTER INSERT ON conversations_providercall
  REFERENCING NEW TABLE AS entered FOR EACH STATEMENT EXECUTE FUNCTION chatsite_call_entered();
INSERT INTO conversations_uncounted (call) SELECT id FROM conversations_providercall;
"""
NOT_NOTED = """
DROP TRIGGER call_is_uncounted ON conversations_providercall;
DROP FUNCTION chatsite_call_entered;
"""


def _fields(*, of_person: bool) -> list[tuple[str, Any]]:
    person = models.ForeignKey(
        db_constraint=False,
        db_index=False,
        null=True,
        on_delete=django.db.models.deletion.DO_NOTHING,
        related_name="+",
        to=settings.AUTH_USER_MODEL,
    )
    return [
        ("day", models.DateField()),
        ("provider", models.CharField(max_length=40)),
        ("model", models.CharField(max_length=100)),
        ("purpose", models.CharField(max_length=20)),
        *((name, models.IntegerField(default=0)) for name in COUNTS),
        *((name, models.BigIntegerField(default=0)) for name in AMOUNTS),
        *([("user", person)] if of_person else []),
    ]


def _id() -> Any:
    return models.BigAutoField(
        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
    )


def _sum(name: str, key: str, *, of_person: bool) -> migrations.CreateModel:
    user = ("user",) if of_person else ()
    one = models.UniqueConstraint(
        fields=("day", *user, "provider", "model", "purpose"), name=key, nulls_distinct=False
    )
    fields = [("id", _id()), *_fields(of_person=of_person)]
    return migrations.CreateModel(name, fields, options={"constraints": [one]})


def _view(name: str, *more: tuple[str, Any]) -> migrations.CreateModel:
    fields = [*_fields(of_person=True), *(more or [("id", _id())])]
    return migrations.CreateModel(name, fields, options={"managed": False})


class Migration(migrations.Migration):
    dependencies: ClassVar = [("conversations", "0033_rate_limits")]
    operations: ClassVar = [
        _sum("DailyUse", "one_use_a_day", of_person=True),
        _sum("MonthlyUse", "one_use_a_month", of_person=True),
        _sum("SiteUse", "one_use_of_all", of_person=False),
        migrations.AddIndex("DailyUse", models.Index(fields=["user", "day"], name="use_of_user")),
        migrations.AddIndex(
            "MonthlyUse", models.Index(fields=["user", "day"], name="use_of_user_by_month")
        ),
        migrations.CreateModel(
            "Uncounted",
            [("call", models.UUIDField(primary_key=True, serialize=False))],
        ),
        _view(
            "CallUse",
            ("id", models.UUIDField(primary_key=True, serialize=False)),
            ("at", models.DateTimeField()),
            ("hour", models.DateTimeField()),
        ),
        _view("DailyUseNow"),
        migrations.RunSQL(VIEWS, NO_VIEWS),
        migrations.RunSQL(NOTED, NOT_NOTED),
    ]
