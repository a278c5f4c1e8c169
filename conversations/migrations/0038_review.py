"""The review queue, what comes of it, and whose rows which reviewers see."""

from typing import Any

import django.db.models.deletion
import django.utils.timezone
from django.apps.registry import Apps
from django.conf import settings
from django.contrib.auth.management import create_permissions
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

import conversations.ids

# What a reviewer does at the desk: it acts on nobody and changes no words.
GIVEN = ("view_case", "view_decision", "add_decision", "view_note", "add_note")


def let_reviewers_decide(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    config: Any = apps.get_app_config("conversations")
    config.models_module = True  # permissions are else made after all migrations only
    create_permissions(config, apps=apps, verbosity=0, using=editor.connection.alias)
    config.models_module = None
    given = apps.get_model("auth", "Permission").objects.filter(
        content_type__app_label="conversations", codename__in=GIVEN
    )
    for group in apps.get_model("auth", "Group").objects.filter(name="Reviewers"):
        group.permissions.add(*given)


class Migration(migrations.Migration):
    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
        ("conversations", "0037_site_settings"),
    ]

    operations = [
        migrations.CreateModel(
            name="Decision",
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
                (
                    "outcome",
                    models.CharField(
                        choices=[
                            ("fine", "Nothing wrong"),
                            ("noted", "Noted"),
                            ("warned", "Person told"),
                            ("hidden", "Message removed"),
                            ("deleted", "Conversation deleted"),
                            ("deactivated", "Person deactivated"),
                        ],
                        max_length=12,
                    ),
                ),
                ("reason", models.CharField(max_length=1000)),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
        ),
        migrations.CreateModel(
            name="Note",
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
                ("text", models.TextField(max_length=4000)),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
        ),
        migrations.CreateModel(
            name="Notice",
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
                ("title", models.CharField(blank=True, max_length=200)),
                (
                    "about",
                    models.CharField(
                        choices=[("read", "Read"), ("acted", "Acted"), ("warned", "Warned")],
                        max_length=10,
                    ),
                ),
                (
                    "outcome",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("fine", "Nothing wrong"),
                            ("noted", "Noted"),
                            ("warned", "Person told"),
                            ("hidden", "Message removed"),
                            ("deleted", "Conversation deleted"),
                            ("deactivated", "Person deactivated"),
                        ],
                        max_length=12,
                    ),
                ),
                ("reason", models.CharField(blank=True, max_length=1000)),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
        ),
        migrations.CreateModel(
            name="Oversight",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
            ],
            options={
                "verbose_name": "oversight",
                "verbose_name_plural": "who sees whom",
            },
        ),
        migrations.CreateModel(
            name="Case",
            fields=[],
            options={
                "verbose_name": "case",
                "verbose_name_plural": "cases to review",
                "proxy": True,
                "default_permissions": ("view",),
                "indexes": [],
                "constraints": [],
            },
            bases=("conversations.message",),
        ),
        migrations.AddIndex(
            model_name="feedback",
            index=models.Index(
                condition=models.Q(
                    ("rating", "down"), ("reported_at__isnull", False), _connector="OR"
                ),
                fields=["message"],
                name="feedback_of_cases",
            ),
        ),
        migrations.AddField(
            model_name="decision",
            name="by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="decisions_made",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="decision",
            name="message",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="decisions",
                to="conversations.message",
            ),
        ),
        migrations.AddField(
            model_name="note",
            name="by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="notes_made",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="note",
            name="conversation",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="notes",
                to="conversations.conversation",
            ),
        ),
        migrations.AddField(
            model_name="note",
            name="message",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="notes",
                to="conversations.message",
            ),
        ),
        migrations.AddField(
            model_name="notice",
            name="conversation",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="notices",
                to="conversations.conversation",
            ),
        ),
        migrations.AddField(
            model_name="notice",
            name="owner",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="notices",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="oversight",
            name="people",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="overseen_by",
                to="auth.group",
                verbose_name="see the people of",
            ),
        ),
        migrations.AddField(
            model_name="oversight",
            name="reviewers",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="oversees",
                to="auth.group",
                verbose_name="reviewers",
            ),
        ),
        migrations.AddIndex(
            model_name="decision",
            index=models.Index(fields=["message", "-at"], name="decision_newest"),
        ),
        migrations.AddConstraint(
            model_name="decision",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("outcome__in", ["fine", "noted", "warned", "hidden", "deleted", "deactivated"])
                ),
                name="outcome_is_known",
            ),
        ),
        migrations.AddIndex(
            model_name="notice",
            index=models.Index(fields=["owner", "-at"], name="notice_of_owner"),
        ),
        migrations.AddConstraint(
            model_name="oversight",
            constraint=models.UniqueConstraint(
                fields=("reviewers", "people"), name="one_oversight_a_pair"
            ),
        ),
        migrations.RunPython(let_reviewers_decide, migrations.RunPython.noop),
    ]
