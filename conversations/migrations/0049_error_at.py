"""A provider's last error has a time: without one nobody knows whether it is of today."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [("conversations", "0048_whole_days")]

    operations: ClassVar = [
        migrations.AddField("circuit", "error_at", models.DateTimeField(null=True)),
    ]
