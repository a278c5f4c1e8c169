"""What a person thinks of an answer, and what they report to those who look after the site.

Reasons are called what they are called where they are chosen (templates/parts/message_menus.html).
"""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from conversations.ids import uuid7
from conversations.models.accounts import User
from conversations.models.conversation import Message


class Rating(models.TextChoices):
    UP = "up", _("Up")
    DOWN = "down", _("Down")


class Reason(models.TextChoices):
    """Why a thumb points where it points. One list: what praises and what blames never meet."""

    CORRECT = "correct", _("Correct")
    CLEAR = "clear", _("Easy to follow")
    COMPLETE = "complete", _("Complete")
    WRONG = "wrong", _("Not correct")
    MISSED = "missed", _("Missed the question")
    OUTDATED = "outdated", _("Out of date")
    LENGTH = "length", _("Too long or too short")
    STYLE = "style", _("Style or tone")
    REFUSED = "refused", _("Refused without need")
    OTHER = "other", _("Something else")


class ReportReason(models.TextChoices):
    HARMFUL = "harmful", _("Dangerous or harmful")
    HATEFUL = "hateful", _("Hateful or insulting")
    SEXUAL = "sexual", _("Sexual")
    PRIVATE = "private", _("Somebody’s private data")
    ILLEGAL = "illegal", _("Against the law")
    OTHER = "other", _("Something else")


def badly_spoken_of() -> models.Q:
    """Of opinions: a report, or a thumb down. A thumb up is nobody's case."""
    return models.Q(rating=Rating.DOWN) | models.Q(reported_at__isnull=False)


class Feedback(models.Model):
    """One row a person and answer. It goes with the answer; that it was there is in no other table."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    message = models.ForeignKey(
        Message, models.CASCADE, related_name="feedback", db_index=False
    )  # see one_opinion_a_person
    user = models.ForeignKey(User, models.CASCADE, related_name="feedback")
    rating = models.CharField(max_length=4, choices=Rating, blank=True)
    reasons = ArrayField(models.CharField(max_length=20, choices=Reason), default=list, blank=True)
    comment = models.TextField(blank=True)
    report = models.CharField(_("reported as"), max_length=20, choices=ReportReason, blank=True)
    report_comment = models.TextField(blank=True)
    reported_at = models.DateTimeField(_("reported"), null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(_("given"), default=timezone.now)

    class Meta:
        verbose_name_plural = _("feedback")
        indexes: ClassVar = [
            # The admin's list: what was said last comes first.
            models.Index(fields=["-updated_at"], name="feedback_recent"),
            # Reports, newest first: there are few of them among many thumbs.
            models.Index(
                fields=["-reported_at"],
                condition=models.Q(reported_at__isnull=False),
                name="feedback_reports",
            ),
            # The review queue: the few that somebody should look at (models/review.py).
            models.Index(
                fields=["message"],
                condition=badly_spoken_of(),
                name="feedback_of_cases",
            ),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["message", "user"], name="one_opinion_a_person"),
            models.CheckConstraint(
                condition=models.Q(rating__in=["", *Rating.values]), name="rating_is_known"
            ),
            models.CheckConstraint(
                condition=models.Q(report="", reported_at__isnull=True)
                | (~models.Q(report="") & models.Q(reported_at__isnull=False)),
                name="a_report_says_why_and_when",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_rating_display() or self.get_report_display()}, {self.updated_at:%Y-%m-%d %H:%M}"

    @property
    def why(self) -> list[str]:
        """The reasons, for people."""
        return [str(Reason(reason).label) for reason in self.reasons]
