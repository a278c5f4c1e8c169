"""What the providers did for us, call by call."""

from typing import ClassVar

from django.db import models
from django.utils import timezone

from conversations.ids import uuid7
from conversations.models.accounts import User


class ProviderCall(models.Model):
    """One call to a provider, with what it reported. It outlives the conversation it was made for."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(User, models.SET_NULL, null=True, related_name="calls")
    conversation = models.UUIDField(null=True)
    run = models.UUIDField(null=True)
    purpose = models.CharField(max_length=20, default="chat")
    # Which of our own prompts, and its version, as in "title.v1" (runs/prompts).
    prompt = models.CharField(max_length=40, blank=True, default="", db_default="")
    provider = models.CharField(max_length=40)
    model = models.CharField(max_length=100)
    at = models.DateTimeField(default=timezone.now)
    attempt = models.PositiveSmallIntegerField(default=1)
    outcome = models.CharField(max_length=40)
    input_tokens = models.PositiveIntegerField(null=True)
    cached_input_tokens = models.PositiveIntegerField(null=True)
    output_tokens = models.PositiveIntegerField(null=True)
    reasoning_tokens = models.PositiveIntegerField(null=True)
    # The row of the price list that the cost was reckoned by; it may be gone by now.
    price_version = models.BigIntegerField(null=True)
    cost_micros = models.BigIntegerField("cost in micro-dollars", null=True)
    request_id = models.CharField(max_length=200, blank=True)
    # What really went wrong, in the provider's words: for administrators.
    detail = models.TextField(blank=True)
    first_token_seconds = models.FloatField(null=True)
    seconds = models.FloatField(default=0)

    class Meta:
        verbose_name = "call to a provider"
        verbose_name_plural = "calls to providers"
        indexes: ClassVar = [
            # A person's usage over a range of days.
            models.Index(fields=["user", "at"], name="call_of_user"),
            models.Index(fields=["-at"], name="call_recent"),
        ]
        constraints: ClassVar = [
            # A settlement that is repeated, because nobody knows whether its commit arrived, doubles
            # nothing. It also serves to find the calls of a run.
            models.UniqueConstraint(fields=["run", "purpose", "attempt"], name="one_row_a_call"),
        ]

    def __str__(self) -> str:
        return f"{self.purpose} {self.model} {self.at:%Y-%m-%d %H:%M}"
