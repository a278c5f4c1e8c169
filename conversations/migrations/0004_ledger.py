"""The ledger says what really went wrong, and no call is on it twice."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [("conversations", "0003_plain_emails")]
    operations: ClassVar = [
        migrations.AddField("providercall", "detail", models.TextField(blank=True)),
        migrations.AddConstraint(
            "providercall",
            models.UniqueConstraint(fields=("run", "purpose", "attempt"), name="one_row_a_call"),
        ),
        migrations.RemoveIndex("providercall", "call_of_run"),  # the constraint's index serves
    ]
