"""What is left to do when a process is gone: an invitation that has still to be mailed, and what a run took
whose conversation went while it was under way."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [("conversations", "0046_spoken_of")]
    operations: ClassVar = [
        migrations.AddField(
            "reservation", "wrote", models.PositiveIntegerField(default=0, db_default=0)
        ),
        migrations.AddField(
            "invitation", "send_at", models.DateTimeField(null=True, editable=False)
        ),
        migrations.AddField(
            "invitation",
            "tries",
            models.PositiveSmallIntegerField(default=0, db_default=0, editable=False),
        ),
    ]
