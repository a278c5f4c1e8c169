"""Who read and did what. Rows are only ever added: a trigger in Postgres refuses the rest."""

from typing import ClassVar

from django.contrib.postgres.indexes import OpClass
from django.db import models
from django.db.models.functions import Upper
from django.utils import timezone

from conversations.ids import uuid7

REASON = 500


class Role(models.TextChoices):
    """As what somebody acted. Empty: nobody had signed in."""

    PERSON = "person"
    STAFF = "staff"
    ADMINISTRATOR = "administrator"


def _typed(column: str) -> OpClass:
    return OpClass(Upper(column), name="text_pattern_ops")


class AuditEntry(models.Model):
    """Names and ids are copies: the entry stays true when the people and things it names are gone."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    at = models.DateTimeField(default=timezone.now)
    actor_id = models.UUIDField(null=True)
    actor = models.CharField(max_length=150, blank=True)
    # What they were allowed to be at that moment: an administrator of then may be none today.
    acted_as = models.CharField(max_length=20, blank=True, choices=Role, default="", db_default="")
    action = models.CharField(max_length=60)
    object_type = models.CharField(max_length=60)
    object_id = models.CharField(max_length=64)
    owner_id = models.UUIDField(null=True)
    owner = models.CharField(max_length=150, blank=True)
    address = models.GenericIPAddressField(null=True)
    reason = models.CharField(max_length=REASON, blank=True, default="", db_default="")
    detail = models.JSONField(default=dict)

    class Meta:
        verbose_name_plural = "audit entries"
        permissions: ClassVar = [("export_auditentry", "Can export audit entries")]
        indexes: ClassVar = [
            models.Index(fields=["-at"], name="audit_recent"),
            # Everything that was done to one thing.
            models.Index(fields=["object_id", "object_type", "-at"], name="audit_about"),
            models.Index(fields=["actor_id", "-at"], name="audit_by"),
            models.Index(fields=["owner_id", "-at"], name="audit_of"),
            # Also which actions there are (admin/audit.py), without reading every row.
            models.Index(fields=["action", "-at"], name="audit_action"),
            models.Index(fields=["address", "-at"], name="audit_from"),
            # What administrators did, who are few among people who sign in.
            models.Index(fields=["acted_as", "-at"], name="audit_as"),
            # What is typed into the search: the beginning of a name, also of somebody who is gone.
            models.Index(_typed("actor"), name="audit_actor_typed"),
            models.Index(_typed("owner"), name="audit_owner_typed"),
            models.Index(_typed("action"), name="audit_action_typed"),
        ]

    def __str__(self) -> str:
        return f"{self.actor} {self.action} {self.object_type}"
