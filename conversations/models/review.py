"""What staff look at, whose it may be, and what they made of it."""

from typing import ClassVar

from django.contrib.auth.models import Group
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from conversations.ids import uuid7
from conversations.models.accounts import User
from conversations.models.conversation import Conversation, Message

REASON_CHARACTERS = 1000
NOTE_CHARACTERS = 4000


class Oversight(models.Model):
    """Reviewers of one group see the people of another, and nobody else.

    Neither group can be deleted while this stands: its reviewers would see everybody again.
    """

    reviewers = models.ForeignKey(
        Group, models.PROTECT, related_name="oversees", db_index=False, verbose_name=_("reviewers")
    )  # see one_oversight_a_pair
    people = models.ForeignKey(
        Group, models.PROTECT, related_name="overseen_by", verbose_name=_("see the people of")
    )

    class Meta:
        verbose_name = _("oversight")
        verbose_name_plural = _("who sees whom")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["reviewers", "people"], name="one_oversight_a_pair"),
        ]

    def __str__(self) -> str:
        return f"{self.reviewers} → {self.people}"


class Outcome(models.TextChoices):
    """What came of looking at a case. What acts on people or their words needs rights of its own."""

    FINE = "fine", _("Nothing wrong")
    NOTED = "noted", _("Noted")
    WARNED = "warned", _("Person told")
    HIDDEN = "hidden", _("Message removed")
    DELETED = "deleted", _("Conversation deleted")
    DEACTIVATED = "deactivated", _("Person deactivated")


class Decision(models.Model):
    """It ends a case until something new is said. It goes with the message; the audit stays."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    message = models.ForeignKey(
        Message, models.CASCADE, related_name="decisions", db_index=False
    )  # see decision_newest
    outcome = models.CharField(max_length=12, choices=Outcome)
    reason = models.CharField(max_length=REASON_CHARACTERS)
    by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="decisions_made")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes: ClassVar = [
            # The newest decision on a message.
            models.Index(fields=["message", "-at"], name="decision_newest"),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(outcome__in=Outcome.values), name="outcome_is_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.outcome} for {self.message_id}"


class Note(models.Model):
    """What one reviewer writes for the others, about a message or a whole conversation."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    conversation = models.ForeignKey(Conversation, models.CASCADE, related_name="notes")
    message = models.ForeignKey(Message, models.CASCADE, null=True, related_name="notes")
    text = models.TextField(max_length=NOTE_CHARACTERS)
    by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="notes_made")
    at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"note {self.pk}"


class Notice(models.Model):
    """What an owner is told of a review, until they put it away. Never who it was."""

    class About(models.TextChoices):
        READ = "read"
        ACTED = "acted"
        WARNED = "warned"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    owner = models.ForeignKey(
        User, models.CASCADE, related_name="notices", db_index=False
    )  # see notice_of_owner
    # Of a conversation that staff deleted: its owner still wants to know which it was.
    title = models.CharField(max_length=200, blank=True)
    conversation = models.ForeignKey(
        Conversation, models.SET_NULL, null=True, related_name="notices"
    )
    about = models.CharField(max_length=10, choices=About)
    # Of what was decided; empty: it was read, and no more.
    outcome = models.CharField(max_length=12, choices=Outcome, blank=True)
    reason = models.CharField(max_length=REASON_CHARACTERS, blank=True)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes: ClassVar = [
            # What a page tells its reader, newest first.
            models.Index(fields=["owner", "-at"], name="notice_of_owner"),
        ]

    def __str__(self) -> str:
        return f"notice {self.pk}"


class SpokenOf(models.Model):
    """A view of the few messages that somebody should look at: when the last was said of each, and when it
    was decided on. It begins with opinions (`badly_spoken_of`) and flags, never with the messages."""

    is_shown: ClassVar[bool] = False
    message = models.OneToOneField(
        Message, models.DO_NOTHING, primary_key=True, db_constraint=False, related_name="spoken_of"
    )
    said_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)

    class Meta:
        managed = False

    def __str__(self) -> str:
        return f"{self.message_id}, said {self.said_at}"


class Cases(models.Manager["Case"]):
    def get_queryset(self) -> models.QuerySet["Case"]:
        return super().get_queryset().filter(spoken_of__isnull=False)


class Case(Message):
    """A message about which something was said that somebody should look at.

    Nothing is written when it is said: the queue is a question, so a report costs what it did.
    """

    objects = Cases()  # type: ignore[misc] # rows of the same table, fewer of them

    class Meta:
        proxy = True
        default_permissions = ("view",)
        verbose_name = _("case")
        verbose_name_plural = _("cases to review")
