"""What is asked about pictures by one click. Administrators look after it."""

from typing import ClassVar

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

from conversations.ids import uuid7
from conversations.models.conversation import Asks

TEXT_CHARACTERS = 4000
MOST_PICTURES = 10


class PictureQuestion(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.CharField(max_length=40, help_text="What stands on the button.")
    text = models.TextField(max_length=TEXT_CHARACTERS, help_text="What the model is asked.")
    kind = models.CharField(
        "its answer is",
        max_length=8,
        choices=Asks,
        default=Asks.ANSWER,
        help_text="Text and tables open to be edited; a description can be kept with its picture.",
    )
    least = models.PositiveSmallIntegerField(
        "pictures at least",
        default=1,
        validators=[MinValueValidator(1), MaxValueValidator(MOST_PICTURES)],
    )
    position = models.PositiveSmallIntegerField(default=0)
    enabled = models.BooleanField("is offered", default=True)

    class Meta:
        verbose_name = "question about pictures"
        verbose_name_plural = "questions about pictures"
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(kind__in=Asks.values), name="picture_question_kind_is_known"
            ),
        ]

    def __str__(self) -> str:
        return self.name
