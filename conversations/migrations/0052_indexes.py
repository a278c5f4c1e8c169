"""Files are looked for by their name, which nothing served; and what begins another index goes: each row that
was written cost one more, each piece of an answer too. Beside the traffic, however large the tables are."""

from typing import ClassVar

from django.contrib.postgres.indexes import OpClass
from django.db import migrations, models
from django.db.migrations.operations.base import Operation

from conversations.migrations._beside import AddIndexBeside

# Table, column: what Django called the index on it.
BEGINNINGS = {
    ("claim", "user"): "claim_user_id_9988d959",
    ("conversation", "owner"): "conversation_owner_id_67c5670c",
    ("feedback", "message"): "feedback_message_id_95aa542e",
    ("image", "owner"): "image_owner_id_6acb9102",
    ("message", "conversation"): "message_conversation_id_f1a2d5e9",
    ("messagefile", "message"): "messagefile_message_id_18c2f59d",
    ("messageimage", "message"): "messageimage_message_id_70283da9",
    ("oversight", "reviewers"): "oversight_reviewers_id_c1442b50",
    ("price", "model"): "price_model_id_72d91e2d",
    ("retentionrule", "group"): "retentionrule_group_id_3815e9c9",
    ("runevent", "run"): "runevent_run_id_8dd51b53",
    ("textfile", "owner"): "textfile_owner_id_4c055b8f",
}


def _gone(table: str, column: str, index: str) -> Operation:
    index, on = f"conversations_{index}", f"conversations_{table} ({column}_id)"
    return migrations.RunSQL(
        f"DROP INDEX CONCURRENTLY IF EXISTS {index}",
        f"CREATE INDEX CONCURRENTLY IF NOT EXISTS {index} ON {on}",
    )


def _key(to: str, name: str) -> "models.ForeignKey[models.Model, models.Model]":
    return models.ForeignKey(to, models.CASCADE, related_name=name, db_index=False)


USER = "conversations.user"
STATE: list[Operation] = [
    migrations.AlterField("claim", "user", _key(USER, "+")),
    migrations.AlterField("conversation", "owner", _key(USER, "conversations")),
    migrations.AlterField("feedback", "message", _key("conversations.message", "feedback")),
    migrations.AlterField("image", "owner", _key(USER, "images")),
    migrations.AlterField("message", "conversation", _key("conversations.conversation", "messages")),
    migrations.AlterField("messagefile", "message", _key("conversations.message", "files")),
    migrations.AlterField("messageimage", "message", _key("conversations.message", "pictures")),
    migrations.AlterField(
        "oversight",
        "reviewers",
        models.ForeignKey(
            "auth.group", models.PROTECT, related_name="oversees", db_index=False,
            verbose_name="reviewers",
        ),
    ),
    migrations.AlterField("price", "model", _key("conversations.languagemodel", "prices")),
    migrations.AlterField(
        "retentionrule",
        "group",
        models.ForeignKey(
            "auth.group", models.CASCADE, null=True, blank=True, related_name="retention",
            db_index=False, help_text="Empty: everybody who is in no group that has a rule.",
        ),
    ),
    migrations.AlterField("runevent", "run", _key("conversations.run", "events")),
    migrations.AlterField("textfile", "owner", _key(USER, "files")),
]  # fmt: skip


class Migration(migrations.Migration):
    atomic = False
    dependencies: ClassVar = [("conversations", "0051_holds_wait")]
    operations: ClassVar = [
        AddIndexBeside(
            "blob", models.Index(OpClass("name", name="varchar_pattern_ops"), name="blob_of_name")
        ),
        AddIndexBeside("blob", models.Index(fields=["thumbnail_name"], name="blob_of_thumbnail")),
        migrations.SeparateDatabaseAndState(
            [_gone(*of, index) for of, index in BEGINNINGS.items()], STATE
        ),
    ]
