"""What people keep and pass on: links to conversations, and exports of elsewhere that were taken in."""

from typing import ClassVar

from django.db import models
from django.utils import timezone

from conversations.ids import uuid7
from conversations.models.accounts import User
from conversations.models.conversation import Conversation, Message


class Share(models.Model):
    """A link to what stood when it was made: the branch that ends in `leaf`, and no word after it.

    The token is not kept, only its hash: who reads the table cannot open a link. Where a message of
    the branch is deleted the link goes with it.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    owner = models.ForeignKey(User, models.CASCADE, related_name="shares")
    conversation = models.OneToOneField(Conversation, models.CASCADE, related_name="share")
    leaf = models.ForeignKey(Message, models.CASCADE, related_name="+")
    # An answer that broke off can be gone on with: what it had is what is shown.
    leaf_length = models.PositiveIntegerField()
    leaf_status = models.CharField(max_length=12)
    title = models.CharField(max_length=200, blank=True)
    with_images = models.BooleanField("with the pictures and files", default=False)
    with_name = models.BooleanField("with the owner's name", default=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    stood_at = models.DateTimeField("shows what stood at", default=timezone.now)
    expires_at = models.DateTimeField("ends", null=True, blank=True)

    def __str__(self) -> str:
        return f"link {self.pk}"


class ImportJob(models.Model):
    """The taking in of one file: how far it is, and what was left out."""

    class Status(models.TextChoices):
        WAITING = "waiting"
        RUNNING = "running"
        COMPLETE = "complete"
        FAILED = "failed"
        INTERRUPTED = "interrupted"
        STOPPED = "stopped"

    LIVE = (Status.WAITING, Status.RUNNING)

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    owner = models.ForeignKey(User, models.CASCADE, related_name="imports")
    status = models.CharField(max_length=12, choices=Status, default=Status.WAITING)
    # The Boot that works at it. No foreign key, as for runs.
    boot = models.UUIDField()
    file_name = models.CharField(max_length=200, blank=True)
    file_bytes = models.PositiveBigIntegerField()
    # From 0 to 1.
    progress = models.FloatField("how much of it was read", default=0, db_default=0)
    found = models.PositiveIntegerField("conversations found", default=0)
    imported = models.PositiveIntegerField("conversations taken in", default=0)
    extended = models.PositiveIntegerField("conversations that got new messages", default=0)
    known = models.PositiveIntegerField("conversations that were here", default=0)
    messages = models.PositiveIntegerField(default=0)
    images = models.PositiveIntegerField("pictures", default=0)
    # What was left out: its kind → how often.
    left_out = models.JSONField(default=dict, blank=True)
    error = models.TextField(blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = "import"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["owner"],
                condition=models.Q(status__in=("waiting", "running")),
                name="one_import_at_a_time",
            ),
        ]

    def __str__(self) -> str:
        return f"import {self.pk}"
