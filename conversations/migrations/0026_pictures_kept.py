"""What people say about their pictures, where those came from, which are blocked, how much room there is.

Columns with a default in Postgres or without one: older processes need not know of them.
"""

import django.utils.timezone
from django.db import migrations, models

import conversations.ids

ROOM_HELP = "In MB. Empty: what the site allows everybody. 0: no limit."


class Migration(migrations.Migration):
    dependencies = [("conversations", "0025_auto_and_cache")]

    operations = [
        migrations.AddField(
            "image",
            "alt",
            models.CharField(blank=True, db_default="", default="", max_length=1000),
        ),
        migrations.AddField(
            "image",
            "source",
            models.CharField(blank=True, db_default="", default="", max_length=2000),
        ),
        migrations.AddField(
            "blob", "blocked", models.BooleanField(db_default=False, default=False)
        ),
        migrations.AddField(
            "user",
            "room",
            models.PositiveIntegerField(
                blank=True, help_text=ROOM_HELP, null=True, verbose_name="room for pictures"
            ),
        ),
        migrations.CreateModel(
            name="BlockedPicture",
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
                    "sha256",
                    models.CharField(
                        max_length=64, unique=True, verbose_name="SHA-256 of the file"
                    ),
                ),
                (
                    "stored",
                    models.CharField(
                        blank=True, max_length=64, verbose_name="SHA-256 of what was stored"
                    ),
                ),
                ("note", models.CharField(blank=True, max_length=200)),
                (
                    "created_at",
                    models.DateTimeField(
                        default=django.utils.timezone.now,
                        editable=False,
                        verbose_name="blocked at",
                    ),
                ),
            ],
            options={"verbose_name": "blocked picture"},
        ),
    ]
