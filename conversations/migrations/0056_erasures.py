"""What is left to do of erasing a person is a row. The table is new."""

from typing import ClassVar

import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [("conversations", "0055_beginnings")]
    operations: ClassVar = [
        migrations.CreateModel(
            name="Erasure",
            fields=[
                (
                    "person",
                    models.OneToOneField(
                        settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True,
                        related_name="erasure", serialize=False,
                    ),
                ),
                ("address", models.GenericIPAddressField(null=True)),
                ("reason", models.CharField(blank=True, max_length=500)),
                ("asked_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("messages", models.PositiveBigIntegerField()),
                ("gone", models.PositiveBigIntegerField(default=0)),
                (
                    "by",
                    models.ForeignKey(
                        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
                    ),
                ),
            ],
        ),
    ]  # fmt: skip
