"""What the providers did for us, call by call."""

from typing import ClassVar

from django.contrib.postgres.indexes import HashIndex
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from conversations.ids import uuid7
from conversations.models.accounts import User


class Purpose(models.TextChoices):
    """What a call was made for. There is no other list."""

    CHAT = "chat", _("answer")
    TITLE = "title", _("title")
    SUMMARY = "summary", _("summary")
    PROMPT_TEST = "prompt_test", _("trial of a prompt")
    IMAGE_DESCRIPTION = "image_description", _("description of a picture")
    MODERATION = "moderation", _("moderation")
    EMBEDDING = "embedding", _("embedding")
    TOOL = "tool", _("tool")
    AUDIO = "audio", _("audio")
    BATCH = "batch", _("batch")


class ProviderCall(models.Model):
    """One call to a provider, or the difference that puts one right. A trigger in Postgres refuses
    everything but to add rows: each outlives the conversation and the person it was made for."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    # No foreign key in Postgres: the id stays when its person is erased, and says nothing of who it was.
    user = models.ForeignKey(
        User,
        models.DO_NOTHING,
        null=True,
        db_constraint=False,
        db_index=False,  # `call_of_user` serves
        related_name="calls",
    )
    conversation = models.UUIDField(null=True)
    run = models.UUIDField(null=True)
    purpose = models.CharField(max_length=20, choices=Purpose, default=Purpose.CHAT)
    # Which of our own prompts, and its version, as in "title.v1" (runs/prompts).
    prompt = models.CharField(max_length=40, blank=True, default="", db_default="")
    provider = models.CharField(max_length=40)
    model = models.CharField(max_length=100)
    at = models.DateTimeField(default=timezone.now)
    # None: it is no call but a correction, of which a call may have several.
    attempt = models.PositiveSmallIntegerField(default=1, null=True)
    outcome = models.CharField(max_length=40)
    # The id of the row that this one puts right, by what is to be added to it. That may be negative.
    corrects = models.UUIDField(null=True, editable=False)
    # The provider did not say what it took: the tokens are counted by us.
    estimated = models.BooleanField(default=False, db_default=False)
    input_tokens = models.IntegerField(null=True)
    cached_input_tokens = models.IntegerField(null=True)
    # Of the input.
    image_tokens = models.IntegerField(null=True)
    output_tokens = models.IntegerField(null=True)
    reasoning_tokens = models.IntegerField(null=True)
    # The row of the price list that the cost was reckoned by; it may be gone by now.
    price_version = models.BigIntegerField(null=True)
    cost_micros = models.BigIntegerField("cost in micro-dollars", null=True)
    request_id = models.CharField(max_length=200, blank=True)
    # What really went wrong, in the provider's words, or why a call was put right: for administrators.
    detail = models.TextField(blank=True)
    first_token_seconds = models.FloatField(null=True)
    seconds = models.FloatField(default=0)

    class Meta:
        verbose_name = "call to a provider"
        verbose_name_plural = "calls to providers"
        permissions: ClassVar = [("export_providercall", "Can export calls to providers")]
        indexes: ClassVar = [
            # A person's usage over a range of days.
            models.Index(fields=["user", "at"], name="call_of_user"),
            models.Index(fields=["-at"], name="call_recent"),
            # What a conversation cost, also when it is gone.
            models.Index(
                fields=["conversation"],
                name="call_of_conversation",
                condition=models.Q(conversation__isnull=False),
            ),
            # How a call was put right. There are few.
            models.Index(
                fields=["corrects"],
                name="call_corrected",
                condition=models.Q(corrects__isnull=False),
            ),
            # The one that a provider's bill or log names. Whole or not at all: so it takes half the room.
            HashIndex(
                fields=["request_id"],
                name="call_by_request",
                condition=models.Q(request_id__gt=""),
            ),
        ]
        constraints: ClassVar = [
            # A settlement that is repeated, because nobody knows whether its commit arrived, doubles
            # nothing. It also serves to find the calls of a run.
            models.UniqueConstraint(fields=["run", "purpose", "attempt"], name="one_row_a_call"),
        ]

    def __str__(self) -> str:
        return f"{self.purpose} {self.model} {self.at:%Y-%m-%d %H:%M}"
