"""Indexes of the ledger, made beside the traffic, however large the table is."""

from typing import ClassVar

from django.db import migrations, models

from conversations.migrations._beside import AddIndexBeside


class Migration(migrations.Migration):
    atomic = False
    dependencies: ClassVar = [("conversations", "0035_ledger_stays")]
    operations: ClassVar = [
        AddIndexBeside(
            "providercall",
            models.Index(
                fields=["conversation"],
                condition=models.Q(conversation__isnull=False),
                name="call_of_conversation",
            ),
        ),
        AddIndexBeside(
            "providercall",
            models.Index(
                fields=["corrects"],
                condition=models.Q(corrects__isnull=False),
                name="call_corrected",
            ),
        ),
    ]
