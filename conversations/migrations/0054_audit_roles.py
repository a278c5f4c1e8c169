"""What administrators did, in an audit of millions: beside the traffic, some seconds for each of them."""

from typing import ClassVar

from django.db import migrations, models

from conversations.migrations._beside import AddIndexBeside


class Migration(migrations.Migration):
    atomic = False
    dependencies: ClassVar = [("conversations", "0053_days_by_purpose")]
    operations: ClassVar = [
        AddIndexBeside("auditentry", models.Index(fields=["acted_as", "-at"], name="audit_as")),
    ]
