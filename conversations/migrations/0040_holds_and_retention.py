"""Legal holds, which Postgres keeps itself, and rules for how long things are kept. Both tables are new."""

import django.core.validators
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import conversations.ids

TABLES = (
    "conversations_user", "auth_group", "conversations_conversation", "conversations_message",
    "conversations_image", "conversations_textfile",
)  # fmt: skip
# Where no hold is in force a deletion costs a look into an empty index.
KEPT = """
CREATE FUNCTION chatsite_is_held(person uuid, conversation uuid) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT FROM conversations_hold hold WHERE hold.ended_at IS NULL AND (
        hold.person_id = person OR hold.conversation_id = conversation OR hold.group_id IN (
            SELECT member.group_id FROM conversations_user_groups member WHERE member.user_id = person)))
$$;
CREATE FUNCTION chatsite_held_stays() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    mine conversations_conversation;
    is_held boolean;
BEGIN
    IF NOT EXISTS (SELECT FROM conversations_hold WHERE ended_at IS NULL) THEN
        RETURN OLD;
    END IF;
    CASE TG_TABLE_NAME
    WHEN 'conversations_user' THEN is_held := chatsite_is_held(OLD.id, NULL);
    WHEN 'auth_group' THEN is_held := EXISTS (
        SELECT FROM conversations_hold WHERE ended_at IS NULL AND group_id = OLD.id);
    WHEN 'conversations_conversation' THEN is_held := chatsite_is_held(OLD.owner_id, OLD.id);
    WHEN 'conversations_message' THEN
        SELECT * INTO mine FROM conversations_conversation WHERE id = OLD.conversation_id;
        is_held := chatsite_is_held(mine.owner_id, mine.id);
    ELSE is_held := chatsite_is_held(OLD.owner_id, NULL);
    END CASE;
    IF is_held THEN
        RAISE EXCEPTION 'a legal hold keeps this' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN OLD;
END $$;
"""
NOT_KEPT = """
DROP FUNCTION chatsite_held_stays();
DROP FUNCTION chatsite_is_held(uuid, uuid);
"""
KEEP = "CREATE TRIGGER held_stays BEFORE DELETE ON {} FOR EACH ROW EXECUTE FUNCTION chatsite_held_stays()"
LET_GO = "DROP TRIGGER held_stays ON {}"


class Migration(migrations.Migration):
    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
        ("conversations", "0039_budgets"),
    ]

    operations = [
        migrations.CreateModel(
            name="Hold",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=conversations.ids.uuid7,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("reason", models.CharField(max_length=500)),
                ("by", models.CharField(editable=False, max_length=150)),
                ("since", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ("ended_at", models.DateTimeField(editable=False, null=True, verbose_name="ended")),
                ("ended_by", models.CharField(blank=True, editable=False, max_length=150)),
                (
                    "conversation",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        help_text="By its id.",
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="holds",
                        to="conversations.conversation",
                    ),
                ),
                (
                    "group",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        help_text="Everything of those who are in it, for as long as they are.",
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="holds",
                        to="auth.group",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        help_text="Everything of theirs.",
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="holds",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "legal hold",
                "indexes": [
                    models.Index(
                        condition=models.Q(("ended_at", None)),
                        fields=["person"],
                        name="hold_of_person",
                    ),
                    models.Index(
                        condition=models.Q(("ended_at", None)),
                        fields=["group"],
                        name="hold_of_group",
                    ),
                    models.Index(
                        condition=models.Q(("ended_at", None)),
                        fields=["conversation"],
                        name="hold_of_conversation",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("conversation", None), ("group", None), ("person__isnull", False)
                            ),
                            models.Q(
                                ("conversation", None), ("group__isnull", False), ("person", None)
                            ),
                            models.Q(
                                ("conversation__isnull", False), ("group", None), ("person", None)
                            ),
                            _connector="OR",
                        ),
                        name="a_hold_is_on_one_thing",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("reason", ""), _negated=True), name="a_hold_says_why"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="RetentionRule",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "what",
                    models.CharField(
                        choices=[
                            ("conversations", "conversations"),
                            ("archived", "archived conversations"),
                            ("pictures", "pictures that were never sent"),
                            ("files", "files that were never sent"),
                        ],
                        default="conversations",
                        max_length=14,
                    ),
                ),
                (
                    "days",
                    models.PositiveIntegerField(
                        help_text="Since the last activity; of pictures and files, since they were brought.",
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(36500),
                        ],
                    ),
                ),
                (
                    "keeps_pinned",
                    models.BooleanField(default=True, verbose_name="keeps those that are pinned"),
                ),
                (
                    "group",
                    models.ForeignKey(
                        blank=True,
                        help_text="Empty: everybody who is in no group that has a rule.",
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="retention",
                        to="auth.group",
                    ),
                ),
            ],
            options={
                "verbose_name": "rule for keeping",
                "verbose_name_plural": "rules for keeping",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("group", "what"),
                        name="one_rule_a_group_and_kind",
                        nulls_distinct=False,
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("what__in", ["conversations", "archived", "pictures", "files"])
                        ),
                        name="retention_kind_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("days__gte", 1)), name="kept_for_a_day_at_least"
                    ),
                ],
            },
        ),
        migrations.RunSQL(KEPT, NOT_KEPT),
        *(migrations.RunSQL(KEEP.format(table), LET_GO.format(table)) for table in TABLES),
    ]
