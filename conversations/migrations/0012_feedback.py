"""What people think of answers. Reviewers see it, as they see what it is about."""

from typing import Any, ClassVar

import django.contrib.postgres.fields
import django.db.models.deletion
import django.utils.timezone
from django.apps.registry import Apps
from django.conf import settings
from django.contrib.auth.management import create_permissions
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

import conversations.ids


def let_reviewers_see(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    config: Any = apps.get_app_config("conversations")
    config.models_module = True  # permissions are else made after all migrations only
    create_permissions(config, apps=apps, verbosity=0, using=editor.connection.alias)
    config.models_module = None
    seen = apps.get_model("auth", "Permission").objects.filter(
        content_type__app_label="conversations", codename="view_feedback"
    )
    for group in apps.get_model("auth", "Group").objects.filter(name="Reviewers"):
        group.permissions.add(*seen)


class Migration(migrations.Migration):
    dependencies: ClassVar = [
        ("conversations", "0011_keeping"),
    ]

    operations: ClassVar = [
        migrations.CreateModel(
            name="Feedback",
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
                    "rating",
                    models.CharField(
                        blank=True, choices=[("up", "Up"), ("down", "Down")], max_length=4
                    ),
                ),
                (
                    "reasons",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[
                                ("correct", "Correct"),
                                ("clear", "Clear"),
                                ("complete", "Complete"),
                                ("wrong", "Wrong"),
                                ("missed", "missed the question"),
                                ("outdated", "Outdated"),
                                ("length", "too long or too short"),
                                ("style", "style or tone"),
                                ("refused", "refused without need"),
                                ("other", "Other"),
                            ],
                            max_length=20,
                        ),
                        blank=True,
                        default=list,
                        size=None,
                    ),
                ),
                ("comment", models.TextField(blank=True)),
                (
                    "report",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("harmful", "dangerous or harmful"),
                            ("hateful", "hateful or insulting"),
                            ("sexual", "Sexual"),
                            ("private", "private data of somebody"),
                            ("illegal", "Illegal"),
                            ("other", "Other"),
                        ],
                        max_length=20,
                        verbose_name="reported as",
                    ),
                ),
                ("report_comment", models.TextField(blank=True)),
                (
                    "reported_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="reported"),
                ),
                (
                    "created_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False),
                ),
                (
                    "updated_at",
                    models.DateTimeField(default=django.utils.timezone.now, verbose_name="given"),
                ),
                (
                    "message",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="feedback",
                        to="conversations.message",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="feedback",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "feedback",
                "indexes": [
                    models.Index(fields=["-updated_at"], name="feedback_recent"),
                    models.Index(
                        condition=models.Q(("reported_at__isnull", False)),
                        fields=["-reported_at"],
                        name="feedback_reports",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("message", "user"), name="one_opinion_a_person"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("rating__in", ["", "up", "down"])),
                        name="rating_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("report", ""), ("reported_at__isnull", True)),
                            models.Q(
                                models.Q(("report", ""), _negated=True),
                                ("reported_at__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="a_report_says_why_and_when",
                    ),
                ],
            },
        ),
        migrations.RunPython(let_reviewers_see, migrations.RunPython.noop),
    ]
