"""Indexes of the sidebar and of the sweep, made beside the traffic, however large the table is."""

from typing import ClassVar

from django.db import migrations, models

from conversations.migrations._beside import AddIndexBeside


class Migration(migrations.Migration):
    atomic = False
    dependencies: ClassVar = [("conversations", "0006_shelf")]
    operations: ClassVar = [
        AddIndexBeside(
            "conversation",
            models.Index(
                fields=["owner"], condition=models.Q(pinned=True), name="conversation_pinned"
            ),
        ),
        AddIndexBeside(
            "conversation",
            models.Index(
                fields=["folder", "-updated_at", "-id"],
                condition=models.Q(folder__isnull=False),
                name="conversation_in_folder",
            ),
        ),
        AddIndexBeside(
            "conversation",
            models.Index(
                fields=["deleted_at"],
                condition=models.Q(deleted_at__isnull=False),
                name="conversation_deleted",
            ),
        ),
        AddIndexBeside(
            "conversation",
            models.Index(
                fields=["expires_at"],
                condition=models.Q(expires_at__isnull=False),
                name="conversation_temporary",
            ),
        ),
    ]
