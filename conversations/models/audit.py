"""Who read and did what. Rows are only ever added: a trigger in Postgres refuses the rest."""

from typing import ClassVar

from django.db import models
from django.utils import timezone

from conversations.ids import uuid7


class AuditEntry(models.Model):
    """Names and ids are copies: the entry stays true when the people and things it names are gone."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    at = models.DateTimeField(default=timezone.now)
    actor_id = models.UUIDField(null=True)
    actor = models.CharField(max_length=150)
    action = models.CharField(max_length=60)
    object_type = models.CharField(max_length=60)
    object_id = models.CharField(max_length=64)
    owner_id = models.UUIDField(null=True)
    owner = models.CharField(max_length=150, blank=True)
    address = models.GenericIPAddressField(null=True)
    detail = models.JSONField(default=dict)

    class Meta:
        verbose_name_plural = "audit entries"
        indexes: ClassVar = [
            models.Index(fields=["-at"], name="audit_recent"),
            # Everything that was done to one thing.
            models.Index(fields=["object_type", "object_id"], name="audit_of_object"),
        ]

    def __str__(self) -> str:
        return f"{self.actor} {self.action} {self.object_type}"
