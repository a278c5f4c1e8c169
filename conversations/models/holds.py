"""Legal holds: what nobody may destroy, neither its owner nor a rule, until the hold is ended.

A trigger in Postgres refuses what forgot to ask (conversations/holds.py): a shell, a cascade, a bug.
"""

from typing import ClassVar

from django.contrib.auth.models import Group
from django.core.exceptions import ObjectDoesNotExist
from django.db import models
from django.utils import timezone

from conversations.ids import uuid7
from conversations.models.accounts import User
from conversations.models.conversation import Conversation

REASON_CHARACTERS = 500


class Hold(models.Model):
    """On a person, on the members of a group, or on one conversation. No foreign keys in Postgres: the row
    outlives what it names, because it is the record of why that was kept."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    person = models.ForeignKey(
        User, models.DO_NOTHING, null=True, blank=True, db_constraint=False, db_index=False,
        related_name="holds", help_text="Everything of theirs.",
    )  # fmt: skip
    group = models.ForeignKey(
        Group, models.DO_NOTHING, null=True, blank=True, db_constraint=False, db_index=False,
        related_name="holds", help_text="Everything of those who are in it, for as long as they are.",
    )  # fmt: skip
    conversation = models.ForeignKey(
        Conversation, models.DO_NOTHING, null=True, blank=True, db_constraint=False, db_index=False,
        related_name="holds", help_text="By its id.",
    )  # fmt: skip
    reason = models.CharField(max_length=REASON_CHARACTERS)
    # Names are copies, as in the audit.
    by = models.CharField(max_length=150, editable=False)
    since = models.DateTimeField(default=timezone.now, editable=False)
    ended_at = models.DateTimeField("ended", null=True, editable=False)
    ended_by = models.CharField(max_length=150, blank=True, editable=False)

    class Meta:
        verbose_name = "legal hold"
        indexes: ClassVar = [
            # Each way of destruction asks for one of these.
            models.Index(
                fields=[column], condition=models.Q(ended_at=None), name=f"hold_of_{column}"
            )
            for column in ("person", "group", "conversation")
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(person__isnull=False, group=None, conversation=None)
                | models.Q(person=None, group__isnull=False, conversation=None)
                | models.Q(person=None, group=None, conversation__isnull=False),
                name="a_hold_is_on_one_thing",
            ),
            models.CheckConstraint(condition=~models.Q(reason=""), name="a_hold_says_why"),
        ]

    def __str__(self) -> str:
        """What it is on: by name as long as that is there, else by the id that is left."""
        if self.conversation_id:
            return f"{Conversation._meta.verbose_name} {self.conversation_id}"
        try:
            named = self.person or self.group
        except ObjectDoesNotExist:
            named = None
        return str(named or self.person_id or self.group_id)
