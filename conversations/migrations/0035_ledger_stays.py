"""The ledger is only ever added to; it says what was estimated, and corrections are rows of it.

Nothing here rewrites the table: columns without a value for old rows, checks and a foreign key that go.
"""

from typing import ClassVar

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

GUARD = """
UPDATE conversations_providercall SET purpose = 'prompt_test' WHERE purpose = 'trial';
CREATE FUNCTION chatsite_ledger_is_for_ever() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the ledger is only ever added to' USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER ledger_rows_stay BEFORE UPDATE OR DELETE ON conversations_providercall
    FOR EACH ROW EXECUTE FUNCTION chatsite_ledger_is_for_ever();
CREATE TRIGGER ledger_stays BEFORE TRUNCATE ON conversations_providercall
    FOR EACH STATEMENT EXECUTE FUNCTION chatsite_ledger_is_for_ever();
"""
# What the older tables cannot hold goes: corrections, and the ids of people who were erased.
NO_GUARD = """
DROP TRIGGER ledger_stays ON conversations_providercall;
DROP TRIGGER ledger_rows_stay ON conversations_providercall;
DROP FUNCTION chatsite_ledger_is_for_ever();
DELETE FROM conversations_providercall WHERE corrects IS NOT NULL;
UPDATE conversations_providercall call SET user_id = NULL
 WHERE NOT EXISTS (SELECT FROM conversations_user person WHERE person.id = call.user_id);
UPDATE conversations_providercall SET purpose = 'trial' WHERE purpose = 'prompt_test';
"""
PURPOSES = [
    ("chat", "answer"),
    ("title", "title"),
    ("summary", "summary"),
    ("prompt_test", "trial of a prompt"),
    ("image_description", "description of a picture"),
    ("moderation", "moderation"),
    ("embedding", "embedding"),
    ("tool", "tool"),
    ("audio", "audio"),
    ("batch", "batch"),
]
MAY_BE_NEGATIVE = ("input_tokens", "cached_input_tokens", "output_tokens", "reasoning_tokens")


class Migration(migrations.Migration):
    dependencies: ClassVar = [("conversations", "0034_rollups")]
    operations: ClassVar = [
        migrations.AddField(
            "providercall", "corrects", models.UUIDField(editable=False, null=True)
        ),
        migrations.AddField(
            "providercall", "estimated", models.BooleanField(db_default=False, default=False)
        ),
        migrations.AddField("providercall", "image_tokens", models.IntegerField(null=True)),
        migrations.AlterField(
            "providercall", "attempt", models.PositiveSmallIntegerField(default=1, null=True)
        ),
        *(
            migrations.AlterField("providercall", name, models.IntegerField(null=True))
            for name in MAY_BE_NEGATIVE
        ),
        migrations.AlterField(
            "providercall",
            "purpose",
            models.CharField(choices=PURPOSES, default="chat", max_length=20),
        ),
        migrations.AlterField(
            "providercall",
            "user",
            models.ForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="calls",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.RunSQL(GUARD, NO_GUARD),
    ]
