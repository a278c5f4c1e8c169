"""What a provider still allows us, held across processes; and who waits for it."""

from typing import ClassVar

from django.db import models
from django.utils import timezone

from conversations.ids import uuid7

# Until the first answers say what they take.
USUAL_ANSWER_TOKENS = 500.0
USUAL_CALL_SECONDS = 10.0


class Allowance(models.Model):
    """What was asked of a provider within the last minute. Its lock makes all who ask it serial."""

    # Its name, as on the ledger. No foreign key: a call may outlive the row of its provider.
    provider = models.CharField(max_length=40, primary_key=True)
    # [second, requests, tokens], one for each second in which somebody asked (usage/minute.py).
    spent = models.JSONField(default=list)
    # `Place.turn` of whoever was let through last.
    turn = models.BigIntegerField(default=0)
    # Running means.
    answer_tokens = models.FloatField(default=USUAL_ANSWER_TOKENS)
    call_seconds = models.FloatField(default=USUAL_CALL_SECONDS)
    # By the provider itself, which said how long it wants to be left alone.
    paused_until = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.provider


class Place(models.Model):
    """Somebody's place in the line before a provider; once let through, a call under way."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    provider = models.CharField(max_length=40)
    # None: nobody's question, such as a title. Those are let through at once or not at all.
    user = models.UUIDField(null=True)
    # The Boot that waits and asks: with it goes the place.
    boot = models.UUIDField()
    # Lowest first. One's second question stands behind everybody's first.
    turn = models.BigIntegerField()
    tokens = models.PositiveIntegerField()
    seen_at = models.DateTimeField(default=timezone.now)
    admitted_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [
            # All who stand before one provider, or are with it.
            models.Index(fields=["provider"], name="place_of_provider"),
        ]

    def __str__(self) -> str:
        return f"{self.provider} {self.turn}"
