"""Answers that may be given again to whoever asks the very same."""

from django.db import models
from django.utils import timezone


class CachedAnswer(models.Model):
    """Where the answer to a request stands. Nothing of it is copied: it goes with its conversation."""

    # SHA-256 of all that was sent, and of the groups of whoever asked (runs/answer_cache.py).
    key = models.CharField(primary_key=True, max_length=64)
    # No foreign key: whoever deletes a message has not to look here, where most sites have no row.
    message = models.UUIDField()
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = "cached answer"
        verbose_name_plural = "cached answers"

    def __str__(self) -> str:
        return f"cached answer {self.message}"
