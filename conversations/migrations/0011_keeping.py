"""Links to conversations, and the taking in of exports."""

from typing import ClassVar

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import conversations.ids


class Migration(migrations.Migration):
    dependencies: ClassVar = [
        ("conversations", "0010_found_again"),
    ]

    operations: ClassVar = [
        migrations.CreateModel(
            name="Share",
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
                ("token_hash", models.CharField(editable=False, max_length=64, unique=True)),
                ("leaf_length", models.PositiveIntegerField()),
                ("leaf_status", models.CharField(max_length=12)),
                ("title", models.CharField(blank=True, max_length=200)),
                (
                    "with_images",
                    models.BooleanField(default=False, verbose_name="with the pictures"),
                ),
                (
                    "with_name",
                    models.BooleanField(default=False, verbose_name="with the owner's name"),
                ),
                (
                    "created_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False),
                ),
                (
                    "stood_at",
                    models.DateTimeField(
                        default=django.utils.timezone.now, verbose_name="shows what stood at"
                    ),
                ),
                ("expires_at", models.DateTimeField(blank=True, null=True, verbose_name="ends")),
                (
                    "conversation",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="share",
                        to="conversations.conversation",
                    ),
                ),
                (
                    "leaf",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="conversations.message",
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="shares",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ImportJob",
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
                    "status",
                    models.CharField(
                        choices=[
                            ("waiting", "Waiting"),
                            ("running", "Running"),
                            ("complete", "Complete"),
                            ("failed", "Failed"),
                            ("interrupted", "Interrupted"),
                        ],
                        default="waiting",
                        max_length=12,
                    ),
                ),
                ("boot", models.UUIDField()),
                ("file_name", models.CharField(blank=True, max_length=200)),
                ("file_bytes", models.PositiveBigIntegerField()),
                (
                    "found",
                    models.PositiveIntegerField(default=0, verbose_name="conversations found"),
                ),
                (
                    "imported",
                    models.PositiveIntegerField(default=0, verbose_name="conversations taken in"),
                ),
                (
                    "extended",
                    models.PositiveIntegerField(
                        default=0, verbose_name="conversations that got new messages"
                    ),
                ),
                (
                    "known",
                    models.PositiveIntegerField(
                        default=0, verbose_name="conversations that were here"
                    ),
                ),
                ("messages", models.PositiveIntegerField(default=0)),
                ("images", models.PositiveIntegerField(default=0, verbose_name="pictures")),
                ("left_out", models.JSONField(blank=True, default=dict)),
                ("error", models.TextField(blank=True)),
                (
                    "created_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False),
                ),
                ("finished_at", models.DateTimeField(null=True)),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="imports",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "import",
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("status__in", ("waiting", "running"))),
                        fields=("owner",),
                        name="one_import_at_a_time",
                    )
                ],
            },
        ),
    ]
