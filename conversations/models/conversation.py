"""Conversations: trees of messages. A branch is the way from a leaf to the root."""

from datetime import datetime, timedelta
from typing import ClassVar

from django.db import models
from django.utils import timezone

from conversations.ids import uuid7
from conversations.models.accounts import User


class Folder(models.Model):
    """Where a person puts conversations together. Without it they are all still there."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    owner = models.ForeignKey(User, models.CASCADE, related_name="folders")
    name = models.CharField(max_length=100)
    position = models.PositiveIntegerField(default=0)
    folded = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    def __str__(self) -> str:
        return self.name


class TitleBy(models.TextChoices):
    """Who gave a conversation its title, and so who may give it another."""

    WORDS = "words"  # the beginning of its first question, until the model is asked
    ASKED = "asked"  # the same, and the model has been asked: once is enough
    MODEL = "model"
    PERSON = "person"  # or whoever brought it here: never to be touched


# How long a deleted conversation can be taken back. The page offers it for some ten seconds.
TAKEN_BACK_WITHIN = timedelta(minutes=5)


def present(path: str = "") -> models.Q:
    """Of conversations that are there for whoever asks: not deleted, their time not over.

    `path` leads from another table to its conversation, as in `"conversation__"`.
    """
    lasting = models.Q(**{f"{path}expires_at": None})
    lasting |= models.Q(**{f"{path}expires_at__gt": timezone.now()})
    return lasting & models.Q(**{f"{path}deleted_at": None})


def too_late() -> datetime:
    """When something was deleted that nobody can take back by now: for what goes for good at once."""
    return timezone.now() - TAKEN_BACK_WITHIN - timedelta(seconds=1)


def over() -> models.Q:
    """Conversations that nobody can take back: gone for good, though the sweep may not have been there."""
    now = timezone.now()
    return models.Q(deleted_at__lt=now - TAKEN_BACK_WITHIN) | models.Q(expires_at__lt=now)


class Conversations(models.QuerySet["Conversation"]):
    def present(self) -> "Conversations":
        return self.filter(present())

    def kept(self) -> "Conversations":
        """Those that are listed and found: temporary ones are not."""
        return self.filter(expires_at=None, deleted_at=None)


class Conversation(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    owner = models.ForeignKey(
        User, models.CASCADE, related_name="conversations", db_index=False
    )  # see conversation_sidebar
    title = models.CharField(max_length=200, blank=True)
    title_by = models.CharField(
        max_length=10, choices=TitleBy, default=TitleBy.PERSON, db_default=TitleBy.PERSON
    )
    pinned = models.BooleanField(default=False)
    pinned_at = models.DateTimeField(null=True, blank=True)
    archived = models.BooleanField(default=False)
    folder = models.ForeignKey(
        Folder,
        models.SET_NULL,
        null=True,
        blank=True,
        db_index=False,  # see conversation_in_folder
        related_name="conversations",
    )
    model = models.CharField(max_length=100, blank=True)
    system_prompt = models.TextField(blank=True)
    options = models.JSONField(default=dict, blank=True)
    active_message = models.ForeignKey(
        "Message", models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField("last activity", default=timezone.now)
    # A temporary one: gone by then. Each message puts it off.
    expires_at = models.DateTimeField(null=True, blank=True)
    # Gone for everybody; it can be taken back for a while, then it is swept away (runs/sweep.py).
    deleted_at = models.DateTimeField(null=True, blank=True)

    objects = Conversations.as_manager()

    class Meta:
        permissions: ClassVar = [("export_conversation", "Can export conversations")]
        indexes: ClassVar = [
            # The sidebar: one owner's conversations, newest first, page by page.
            models.Index(fields=["owner", "-updated_at", "-id"], name="conversation_sidebar"),
            # The admin's list: everybody's, newest first.
            models.Index(fields=["-updated_at"], name="conversation_recent"),
            # What stands above the days in the sidebar, and a folder that goes.
            models.Index(
                fields=["owner"], condition=models.Q(pinned=True), name="conversation_pinned"
            ),
            models.Index(
                fields=["folder", "-updated_at", "-id"],
                condition=models.Q(folder__isnull=False),
                name="conversation_in_folder",
            ),
            # What the sweep looks for; empty most of the time.
            models.Index(
                fields=["deleted_at"],
                condition=models.Q(deleted_at__isnull=False),
                name="conversation_deleted",
            ),
            models.Index(
                fields=["expires_at"],
                condition=models.Q(expires_at__isnull=False),
                name="conversation_temporary",
            ),
        ]

    def __str__(self) -> str:
        """Never its title: the admin's own log keeps what it calls things, also when they are deleted."""
        return f"conversation {self.pk}"


class Role(models.TextChoices):
    USER = "user"
    ASSISTANT = "assistant"


class Status(models.TextChoices):
    """Of an answer and of its run (PROTOCOL.md); `waiting` is for runs only. The last four are for ever."""

    WAITING = "waiting"
    RUNNING = "running"
    COMPLETE = "complete"
    STOPPED = "stopped"
    INTERRUPTED = "interrupted"
    FAILED = "failed"


LIVE = (Status.WAITING, Status.RUNNING)


class Asks(models.TextChoices):
    """What a question wants its answer for: the page offers to do that with it."""

    ANSWER = "answer", "an answer"
    TEXT = "text", "text"
    TABLE = "table", "a table"
    COMPARE = "compare", "a comparison"
    ALT = "alt", "a description"


class Sight(models.TextChoices):
    """How a model that cannot see came to the pictures of its question."""

    READ = "read", "the text in them was read to it"
    NONE = "none", "not at all"


# Of a message: what may be long, and is read where it is shown alone.
LONG = ("text", "reasoning", "tool_calls")


class Message(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    conversation = models.ForeignKey(
        Conversation, models.CASCADE, related_name="messages", db_index=False
    )  # see message_siblings
    parent = models.ForeignKey("self", models.CASCADE, null=True, related_name="children")
    role = models.CharField(max_length=10, choices=Role)
    text = models.TextField(blank=True)
    reasoning = models.TextField(blank=True)
    tool_calls = models.JSONField(default=list, blank=True)
    status = models.CharField(max_length=12, choices=Status, default=Status.COMPLETE)
    finish_reason = models.CharField(max_length=40, blank=True)
    error_code = models.CharField(max_length=40, blank=True)
    error_message = models.TextField(blank=True)
    model = models.CharField(max_length=100, blank=True)
    # What the person asked for with this message: `detail` for its images, parameters of its answer.
    options = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    input_tokens = models.PositiveIntegerField(null=True)
    cached_input_tokens = models.PositiveIntegerField(null=True)
    output_tokens = models.PositiveIntegerField(null=True)
    reasoning_tokens = models.PositiveIntegerField(null=True)
    cost_micros = models.BigIntegerField("cost in micro-dollars", null=True)
    # Of an answer: earlier messages that its model did not get to read, for want of room.
    left_out = models.PositiveIntegerField(default=0, db_default=0)
    # Of an answer: the id of the model that was asked and could not; `model` is its fall-back then.
    instead_of = models.CharField(max_length=100, blank=True, default="", db_default="")
    # Of an answer: somebody else had asked the very same, and no provider was asked again.
    cached = models.BooleanField(default=False, db_default=False)
    # Of a question and of its answers; empty: nothing was said about it.
    asks = models.CharField(
        max_length=8, choices=Asks, blank=True, default="", db_default="", editable=False
    )
    # Of an answer; empty: there were no pictures, or its model saw them.
    sight = models.CharField(
        max_length=4, choices=Sight, blank=True, default="", db_default="", editable=False
    )

    # Its words were taken away by an administrator, for ever (chat/redaction.py).
    redacted_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        indexes: ClassVar = [
            # Siblings, and the children of a message.
            models.Index(fields=["conversation", "parent", "id"], name="message_siblings"),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(role__in=Role.values), name="message_role_is_known"
            ),
            models.CheckConstraint(
                condition=models.Q(status__in=[s for s in Status.values if s != Status.WAITING]),
                name="message_status_is_known",
            ),
            models.CheckConstraint(
                condition=models.Q(error_code="")
                | models.Q(status__in=[Status.INTERRUPTED, Status.FAILED]),
                name="only_broken_answers_have_an_error",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.role} {self.pk}"


class MessageImage(models.Model):
    """A picture where it stands in a question. A picture in use is not deleted."""

    message = models.ForeignKey(
        Message, models.CASCADE, related_name="pictures", db_index=False
    )  # see one_picture_a_place
    image = models.ForeignKey("Image", models.PROTECT, related_name="uses")
    position = models.PositiveSmallIntegerField()

    class Meta:
        ordering: ClassVar = ["position"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["message", "position"], name="one_picture_a_place")
        ]

    def __str__(self) -> str:
        return f"picture {self.position} of {self.message_id}"
