"""The exact requests that went out for a run, small: what stands in a message is only named."""

from typing import ClassVar

from django.db import models
from django.utils import timezone

from conversations.models.runs import Run


class SentText(models.Model):
    """A text that many requests begin with, such as instructions: once, by its SHA-256 in hex."""

    digest = models.CharField(primary_key=True, max_length=64)
    text = models.TextField()

    def __str__(self) -> str:
        return self.digest


class SentRequest(models.Model):
    """What was sent for a run, call by call (runs/sent.py says how it is written). Never a key."""

    run = models.OneToOneField(Run, models.CASCADE, primary_key=True, related_name="sent")
    # What it begins with, where that is long. No constraint: all that end now would lock one row.
    instructions = models.ForeignKey(
        SentText, models.DO_NOTHING, null=True, db_constraint=False, related_name="requests"
    )
    calls = models.JSONField(default=list)
    at = models.DateTimeField(default=timezone.now)
    # The words of a message in it were taken away: what stands for them is no longer what was sent.
    redacted = models.BooleanField(default=False, db_default=False)

    class Meta:
        indexes: ClassVar = [
            # What the sweep takes away.
            models.Index(fields=["at"], name="sent_oldest"),
        ]

    def __str__(self) -> str:
        return f"request of run {self.run_id}"
