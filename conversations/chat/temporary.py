"""Conversations that nobody wants to find again: never listed, never found, gone after a day."""

from datetime import timedelta

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from conversations.errors import Invalid
from conversations.models import Conversation

# From the last message on: nobody is cut off in the middle of a talk.
TEMPORARY_FOR = timedelta(days=1)
TOO_LATE = _("What was begun to be kept cannot become temporary. Delete it instead.")


def put_off(conversation: Conversation) -> None:
    """It is temporary from now on, or has just grown."""
    conversation.expires_at = timezone.now() + TEMPORARY_FOR


def settle(conversation: Conversation, temporary: bool) -> None:
    """What is temporary can be kept after all, and not the other way round: Invalid."""
    if temporary and conversation.expires_at is None:
        raise Invalid(TOO_LATE, fields={"temporary": [TOO_LATE]})
    if not temporary:
        conversation.expires_at = None
