"""Pictures: what is stored (`Blob`, once by content), whose it is (`Image`), which are not wanted."""

from typing import ClassVar

from django.contrib.postgres.indexes import OpClass
from django.db import models
from django.utils import timezone

from conversations.ids import uuid7
from conversations.models.accounts import User

SOURCE_CHARACTERS = 2000
ALT_CHARACTERS = 1000
NOTE_CHARACTERS = 200


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
    # As BlockedPicture has it, so that no door has to look there: kept, and not shown.
    blocked = models.BooleanField(default=False, db_default=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        indexes: ClassVar = [
            # Whether a file is still somebody's; a block finds its picture by how the name begins.
            models.Index(OpClass("name", name="varchar_pattern_ops"), name="blob_of_name"),
            models.Index(fields=["thumbnail_name"], name="blob_of_thumbnail"),
        ]

    def __str__(self) -> str:
        return f"{self.width} × {self.height} {self.content_type}"


class Image(models.Model):
    """A person's picture: the same one uploaded twice is one row."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    owner = models.ForeignKey(
        User, models.CASCADE, related_name="images", db_index=False
    )  # see one_image_a_person
    blob = models.ForeignKey(Blob, models.PROTECT, related_name="images")
    # What the person says that is to be seen in it.
    alt = models.CharField(max_length=ALT_CHARACTERS, blank=True, default="", db_default="")
    # The address that it was fetched from; empty where its bytes were sent.
    source = models.CharField(max_length=SOURCE_CHARACTERS, blank=True, default="", db_default="")
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["owner", "blob"], name="one_image_a_person")
        ]

    def __str__(self) -> str:
        return f"image {self.pk}"


class BlockedPicture(models.Model):
    """One that nobody may bring here, by what was uploaded and by what we made of it, in hex.

    It outlives the picture: deleted by its last owner, it is refused all the same.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    sha256 = models.CharField("SHA-256 of the file", max_length=64, unique=True)
    stored = models.CharField("SHA-256 of what was stored", max_length=64, blank=True)
    note = models.CharField(max_length=NOTE_CHARACTERS, blank=True)
    created_at = models.DateTimeField("blocked at", default=timezone.now, editable=False)

    class Meta:
        verbose_name = "blocked picture"

    def __str__(self) -> str:
        return self.note or f"{self.sha256[:12]}…"
