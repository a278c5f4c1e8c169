"""A thumb up or down with its reasons, and a report: one opinion a person and answer."""

from typing import Annotated, Literal

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from pydantic import Field

from conversations import access
from conversations.chat.questions import Clean, Closed
from conversations.errors import Conflict, Invalid
from conversations.events import doorbell
from conversations.models import Feedback, Message, User
from conversations.models.conversation import Role, Status

COMMENT_CHARACTERS = 4000
REASONS = 8

NO_ANSWER = _("Only answers can be rated or reported.")
NOT_DONE = _("This answer is still being written.")
NO_THUMB = _("Reasons belong to a thumb up or down.")

Comment = Annotated[Clean, Field(max_length=COMMENT_CHARACTERS)]
Reason = Literal[
    "correct", "clear", "complete", "wrong", "missed", "outdated", "length", "style", "refused", "other"
]  # fmt: skip


class Report(Closed):
    """To those who look after the site."""

    reason: Literal["harmful", "hateful", "sexual", "private", "illegal", "other"]
    comment: Comment = ""


class Opinion(Closed):
    """All of it, each time: what is absent is taken back."""

    rating: Literal["up", "down"] | None = None
    reasons: Annotated[list[Reason], Field(max_length=REASONS)] = Field(default_factory=list)
    comment: Comment = ""
    report: Report | None = None


def give(user: User, message: object, opinion: Opinion) -> Feedback | None:
    """What this person thinks of that answer from now on; None when nothing is left of it.

    Their other tabs hear of it. Raises NotFound, Invalid or Conflict.
    """
    answer = access.message_for(user, message, lock=True)
    _can_be_judged(answer)
    if opinion.rating is None and (opinion.reasons or opinion.comment):
        raise Invalid(NO_THUMB, fields={"rating": [NO_THUMB]})
    doorbell.ring({"judged": str(answer.pk), "conversation": str(answer.conversation_id)})
    if opinion.rating is None and opinion.report is None:
        Feedback.objects.filter(message=answer, user=user).delete()
        return None
    return _kept(user, answer, opinion)


def _can_be_judged(answer: Message) -> None:
    if answer.role != Role.ASSISTANT:
        raise Invalid(NO_ANSWER, fields={"message": [NO_ANSWER]})
    if answer.status == Status.RUNNING:
        raise Conflict(NOT_DONE)


def _kept(user: User, answer: Message, opinion: Opinion) -> Feedback:
    """`answer` is locked: nobody else makes the row meanwhile."""
    row = Feedback.objects.filter(message=answer, user=user).first()
    row = row or Feedback(message=answer, user=user)
    row.rating = opinion.rating or ""
    row.reasons = sorted(set(opinion.reasons))
    row.comment = opinion.comment
    _report(row, opinion.report)
    row.updated_at = timezone.now()
    row.save()
    return row


def _report(row: Feedback, report: Report | None) -> None:
    """The time is that of what is reported, not of the thumb that was moved later."""
    reason, comment = (report.reason, report.comment) if report else ("", "")
    if (reason, comment) != (row.report, row.report_comment):
        row.report, row.report_comment = reason, comment
        row.reported_at = timezone.now() if report else None
