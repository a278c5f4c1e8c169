"""Runs: the work of answering, as a fact that outlives sockets and processes."""

from typing import ClassVar

from django.db import models
from django.utils import timezone

from conversations.ids import uuid7
from conversations.models.accounts import User
from conversations.models.conversation import LIVE, Conversation, Message, Status


class Boot(models.Model):
    """One start of one process. It is dead when `beat_at` is too old."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    host = models.CharField(max_length=200)
    pid = models.PositiveIntegerField()
    # Takes runs that wait for a worker.
    works = models.BooleanField(default=False)
    started_at = models.DateTimeField(default=timezone.now)
    beat_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"{self.host}:{self.pid}"


class Run(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    conversation = models.ForeignKey(Conversation, models.CASCADE, related_name="runs")
    message = models.ForeignKey(Message, models.CASCADE, related_name="runs")
    user = models.ForeignKey(User, models.CASCADE, related_name="runs")
    status = models.CharField(max_length=12, choices=Status, default=Status.WAITING)
    model = models.CharField(max_length=100)
    options = models.JSONField(default=dict, blank=True)
    # Of whoever asked: whatever goes wrong is said in it, by whichever process finds out.
    language = models.CharField(max_length=16, blank=True, default="", db_default="")
    # A continued message has text already: deltas of this run start behind it.
    text_before = models.PositiveIntegerField(default=0)
    reasoning_before = models.PositiveIntegerField(default=0)
    # The Boot that executes it. No foreign key: a run may be faster than its process's first sign.
    boot = models.UUIDField(null=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    started_at = models.DateTimeField(null=True)
    first_token_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    finish_reason = models.CharField(max_length=40, blank=True)
    error_code = models.CharField(max_length=40, blank=True)
    error_message = models.TextField(blank=True)
    # Code points of the whole answer when the run ended: who holds more cuts to it.
    length = models.PositiveIntegerField(null=True)

    class Meta:
        indexes: ClassVar = [
            # The admin's list, newest first.
            models.Index(fields=["-created_at"], name="run_recent"),
            # The admin's search: an error code among the few that have one.
            models.Index(
                fields=["error_code"], condition=models.Q(error_code__gt=""), name="run_errors"
            ),
            # How many answers one user has under way; what a reaper and a worker look for.
            models.Index(
                fields=["user", "boot"], condition=models.Q(status__in=LIVE), name="run_live"
            ),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["conversation"],
                condition=models.Q(status__in=LIVE),
                name="one_live_run_a_conversation",
            ),
            models.CheckConstraint(
                condition=models.Q(status__in=Status.values), name="run_status_is_known"
            ),
            models.CheckConstraint(
                condition=models.Q(status__in=LIVE, finished_at__isnull=True)
                | (~models.Q(status__in=LIVE) & models.Q(finished_at__isnull=False)),
                name="a_run_that_ended_says_when",
            ),
        ]

    def __str__(self) -> str:
        return f"run {self.pk}"


class RunEvent(models.Model):
    """The journal: pieces of an answer that streams, until the answer is sealed."""

    class Kind(models.TextChoices):
        TEXT = "t"
        REASONING = "r"

    run = models.ForeignKey(
        Run, models.CASCADE, related_name="events", db_index=False
    )  # see journal_in_order
    kind = models.CharField(max_length=1, choices=Kind)
    at = models.PositiveIntegerField()
    text = models.TextField()

    class Meta:
        indexes: ClassVar = [
            # Resuming reads one run's pieces in order, from a position on.
            models.Index(fields=["run", "kind", "at"], name="journal_in_order"),
        ]

    def __str__(self) -> str:
        return f"{self.run_id} {self.kind} {self.at}"
