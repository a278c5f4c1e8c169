"""What makes sending safe to repeat and fair to share."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone

from conversations.models.accounts import User


class Claim(models.Model):
    """The `id` of a send, edit, regenerate or continue: claimed once a user, with the ack it got."""

    user = models.ForeignKey(
        User, models.CASCADE, related_name="+", db_index=False
    )  # see an_id_is_claimed_once
    key = models.CharField(max_length=64)
    fingerprint = models.CharField(max_length=64, help_text="SHA-256 of what was asked.")
    ack = models.JSONField(null=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "key"], name="an_id_is_claimed_once")
        ]

    def __str__(self) -> str:
        return self.key


class SendLog(models.Model):
    """When a user's last messages were sent (Unix seconds). Its row lock makes one user's sends serial."""

    user = models.OneToOneField(User, models.CASCADE, primary_key=True, related_name="+")
    times = ArrayField(models.FloatField(), default=list)

    def __str__(self) -> str:
        return str(self.user_id)
