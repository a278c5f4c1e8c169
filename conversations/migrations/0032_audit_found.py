"""What the audit is searched by. Made beside those who write: nobody waits for an index of millions."""

from typing import ClassVar

from django.contrib.postgres.indexes import OpClass
from django.contrib.postgres.operations import RemoveIndexConcurrently
from django.db import migrations, models
from django.db.models.functions import Upper

from conversations.migrations._beside import AddIndexBeside


class Migration(migrations.Migration):
    atomic = False
    dependencies: ClassVar = [("conversations", "0031_people_and_audit")]
    operations: ClassVar = [
        AddIndexBeside(
            model_name="auditentry",
            index=models.Index(fields=["object_id", "object_type", "-at"], name="audit_about"),
        ),
        AddIndexBeside(
            model_name="auditentry",
            index=models.Index(fields=["actor_id", "-at"], name="audit_by"),
        ),
        AddIndexBeside(
            model_name="auditentry",
            index=models.Index(fields=["owner_id", "-at"], name="audit_of"),
        ),
        AddIndexBeside(
            model_name="auditentry",
            index=models.Index(fields=["action", "-at"], name="audit_action"),
        ),
        AddIndexBeside(
            model_name="auditentry",
            index=models.Index(fields=["address", "-at"], name="audit_from"),
        ),
        AddIndexBeside(
            model_name="auditentry",
            index=models.Index(
                OpClass(Upper("actor"), name="text_pattern_ops"), name="audit_actor_typed"
            ),
        ),
        AddIndexBeside(
            model_name="auditentry",
            index=models.Index(
                OpClass(Upper("owner"), name="text_pattern_ops"), name="audit_owner_typed"
            ),
        ),
        AddIndexBeside(
            model_name="auditentry",
            index=models.Index(
                OpClass(Upper("action"), name="text_pattern_ops"), name="audit_action_typed"
            ),
        ),
        RemoveIndexConcurrently(
            model_name="auditentry",
            name="audit_of_object",
        ),
    ]
