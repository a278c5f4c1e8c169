"""Pictures: what is stored (`Blob`, once by content) and whose it is (`Image`)."""

from typing import ClassVar

from django.db import models
from django.utils import timezone

from conversations.ids import uuid7
from conversations.models.accounts import User


class Blob(models.Model):
    """One picture as we encoded it. `sha256` is of the bytes that were uploaded, in hex."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    sha256 = models.CharField(max_length=64, unique=True)
    name = models.CharField(max_length=200, help_text="In private storage.")
    thumbnail_name = models.CharField(max_length=200)
    content_type = models.CharField(max_length=40)
    bytes = models.PositiveBigIntegerField()
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    original_type = models.CharField(max_length=40)
    original_bytes = models.PositiveBigIntegerField()
    original_width = models.PositiveIntegerField()
    original_height = models.PositiveIntegerField()
    ocr_text = models.TextField("text read in it", null=True, blank=True)  # noqa: DJ001 null: not read yet
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    def __str__(self) -> str:
        return f"{self.width} × {self.height} {self.content_type}"


class Image(models.Model):
    """A person's picture: the same one uploaded twice is one row."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    owner = models.ForeignKey(User, models.CASCADE, related_name="images")
    blob = models.ForeignKey(Blob, models.PROTECT, related_name="images")
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["owner", "blob"], name="one_image_a_person")
        ]

    def __str__(self) -> str:
        return f"image {self.pk}"
