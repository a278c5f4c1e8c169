"""A call by the provider's id of its request, however large the ledger is."""

from typing import ClassVar

from django.contrib.postgres.indexes import HashIndex
from django.db import migrations, models

from conversations.migrations._beside import AddIndexBeside


class Migration(migrations.Migration):
    atomic = False
    dependencies: ClassVar = [("conversations", "0049_error_at")]
    operations: ClassVar = [
        AddIndexBeside(
            "providercall",
            HashIndex(
                fields=["request_id"],
                condition=models.Q(request_id__gt=""),
                name="call_by_request",
            ),
        ),
    ]
