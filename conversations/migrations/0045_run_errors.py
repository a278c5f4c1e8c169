"""The index of what went wrong, made beside the traffic, however many runs there are."""

from typing import ClassVar

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies: ClassVar = [("conversations", "0044_calls_noted")]
    operations: ClassVar = [
        AddIndexConcurrently(
            "run",
            models.Index(
                fields=["error_code"], condition=models.Q(error_code__gt=""), name="run_errors"
            ),
        ),
    ]
