"""Summaries: what a model reads in place of the old part of a long conversation."""

from typing import ClassVar

from django.db import models
from django.utils import timezone

from conversations.ids import uuid7
from conversations.models.conversation import Conversation, Message


class Summary(models.Model):
    """It stands for all messages from the root to `until`, exactly as they were: `digest` is that of their
    ids and texts (reading/summaries.py). It belongs to every branch that begins with them, and to no other.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    conversation = models.ForeignKey(Conversation, models.CASCADE, related_name="summaries")
    until = models.ForeignKey(
        Message,
        models.CASCADE,
        related_name="summaries",
        verbose_name="the last message that it stands for",
    )
    digest = models.CharField(max_length=64)
    messages = models.PositiveIntegerField("how many it stands for")
    text = models.TextField()
    model = models.CharField(max_length=100)
    tokens = models.PositiveIntegerField(null=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    # Its owner wants the messages themselves to be read again, as long as there is room.
    undone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "summaries"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["until"],
                condition=models.Q(undone_at__isnull=True),
                name="one_summary_a_place",
            ),
        ]

    def __str__(self) -> str:
        return f"summary {self.pk}"
