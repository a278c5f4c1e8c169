"""The index of what went wrong, made beside the traffic, however many runs there are."""

from typing import ClassVar

from django.db import migrations, models

from conversations.migrations._beside import AddIndexBeside


class Migration(migrations.Migration):
    atomic = False
    dependencies: ClassVar = [("conversations", "0044_calls_noted")]
    operations: ClassVar = [
        AddIndexBeside(
            "run",
            models.Index(
                fields=["error_code"], condition=models.Q(error_code__gt=""), name="run_errors"
            ),
        ),
    ]
