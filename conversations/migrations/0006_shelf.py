"""Folders; and conversations that are pinned in an order, temporary, deleted for now, titled by whom.

Cheap on a large table: columns that are null or have a constant default touch no row, and a foreign
key on a new column of nulls is not checked.
"""

from typing import ClassVar

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models

import conversations.ids

TITLE_BY = [("words", "Words"), ("asked", "Asked"), ("model", "Model"), ("person", "Person")]


class Migration(migrations.Migration):
    dependencies: ClassVar = [("conversations", "0005_boot_works")]
    operations: ClassVar = [
        migrations.CreateModel(
            name="Folder",
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
                ("name", models.CharField(max_length=100)),
                ("position", models.PositiveIntegerField(default=0)),
                ("folded", models.BooleanField(default=False)),
                (
                    "created_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="folders",
                        to="conversations.user",
                    ),
                ),
            ],
        ),
        migrations.AddField(
            "conversation",
            "folder",
            models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="conversations",
                to="conversations.folder",
            ),
        ),
        migrations.AddField(
            "conversation",
            "title_by",
            models.CharField(
                choices=TITLE_BY, db_default="person", default="person", max_length=10
            ),
        ),
        migrations.AddField(
            "conversation", "pinned_at", models.DateTimeField(blank=True, null=True)
        ),
        migrations.AddField(
            "conversation", "expires_at", models.DateTimeField(blank=True, null=True)
        ),
        migrations.AddField(
            "conversation", "deleted_at", models.DateTimeField(blank=True, null=True)
        ),
    ]
