"""Text files that people attach: whose they are, what they are called, and what is written in them."""

from typing import ClassVar

from django.db import models
from django.utils import timezone

from conversations.ids import uuid7
from conversations.models.accounts import User

NAME_CHARACTERS = 120


class TextFile(models.Model):
    """A person's file as text, its line ends as they were. The same file uploaded twice is one row."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    owner = models.ForeignKey(
        User, models.CASCADE, related_name="files", db_index=False
    )  # see one_text_file_a_person
    name = models.CharField(max_length=NAME_CHARACTERS)
    text = models.TextField()
    bytes = models.PositiveIntegerField(help_text="Of the text in UTF-8.")
    sha256 = models.CharField(max_length=64, help_text="Of the text in UTF-8, in hex.")
    created_at = models.DateTimeField("last uploaded", default=timezone.now)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["owner", "sha256", "name"], name="one_text_file_a_person"
            )
        ]

    def __str__(self) -> str:
        return f"file {self.pk}"


class MessageFile(models.Model):
    """A file where it stands in a question. A file in use is not deleted, but with its owner."""

    message = models.ForeignKey(
        "Message", models.CASCADE, related_name="files", db_index=False
    )  # see one_file_a_place
    file = models.ForeignKey(TextFile, models.RESTRICT, related_name="uses")
    position = models.PositiveSmallIntegerField()

    class Meta:
        ordering: ClassVar = ["position"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["message", "position"], name="one_file_a_place")
        ]

    def __str__(self) -> str:
        return f"file {self.position} of {self.message_id}"
