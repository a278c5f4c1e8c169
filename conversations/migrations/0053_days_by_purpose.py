"""One sum more: somebody's day by purpose, which Postgres keeps from the sums by kind like the whole days
(migration 0048), and fills from there in half a minute for ten million calls; and a way to one model's days.

Nothing is added to the sums until both are there: to count goes on afterwards, and all else meanwhile.
"""

from importlib import import_module
from typing import Any, ClassVar

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

days: Any = import_module("conversations.migrations.0048_whole_days")

SUMS = ", ".join(f"sum({name})" for name in days.NUMBERS)
ONTO = ", ".join(f"{name} = so_far.{name} + excluded.{name}" for name in days.NUMBERS)


def _adding(rows: str) -> str:
    return f"""
INSERT INTO conversations_purposeday AS so_far (day, user_id, purpose, {", ".join(days.NUMBERS)})
SELECT day, user_id, purpose, {SUMS} FROM {rows} GROUP BY day, user_id, purpose ORDER BY day, user_id, purpose
ON CONFLICT (day, user_id, purpose) DO UPDATE SET {ONTO};"""  # noqa: S608 names of ours alone


def _trigger(event: str, tables: str, rows: str) -> str:
    name = f"purposeday_follows_{event.lower()}"
    return f"""
CREATE FUNCTION chatsite_{name}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  {_adding(rows)}
  RETURN NULL;
END $$;
CREATE TRIGGER {name} AFTER {event} ON conversations_dailyuse
  REFERENCING {tables} FOR EACH STATEMENT EXECUTE FUNCTION chatsite_{name}();"""


KEPT = (
    days.NOBODY_ADDS
    + _trigger("INSERT", "NEW TABLE AS now_there", "now_there")
    + _trigger("UPDATE", "OLD TABLE AS was_there NEW TABLE AS now_there", days.CHANGED)
    + _adding("conversations_dailyuse")
)
NOT_KEPT = (
    "DROP FUNCTION chatsite_purposeday_follows_insert, chatsite_purposeday_follows_update CASCADE;"
)

ID = models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")
PERSON = models.ForeignKey(
    db_constraint=False,
    db_index=False,
    null=True,
    on_delete=django.db.models.deletion.DO_NOTHING,
    related_name="+",
    to=settings.AUTH_USER_MODEL,
)
NUMBERS = [
    *((name, models.IntegerField(default=0)) for name in days.before.COUNTS),
    *((name, models.BigIntegerField(default=0)) for name in days.before.AMOUNTS),
]


class Migration(migrations.Migration):
    dependencies: ClassVar = [("conversations", "0052_indexes")]
    operations: ClassVar = [
        migrations.CreateModel(
            "PurposeDay",
            [
                ("id", ID),
                ("day", models.DateField()),
                ("user", PERSON),
                ("purpose", models.CharField(max_length=20)),
                *NUMBERS,
            ],
        ),
        migrations.AddConstraint(
            "PurposeDay",
            models.UniqueConstraint(
                fields=("day", "user", "purpose"),
                name="one_purpose_of_a_day",
                nulls_distinct=False,
            ),
        ),
        migrations.RunSQL(KEPT, NOT_KEPT),
        migrations.AddIndex(
            "DailyUse", models.Index(fields=["model", "day", "user"], name="use_of_model")
        ),
    ]
