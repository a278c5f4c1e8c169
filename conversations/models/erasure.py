"""Who is to be erased: as long as the row is there, something is left to do."""

from typing import ClassVar

from django.db import models
from django.utils import timezone

from conversations.models.accounts import User
from conversations.models.audit import REASON


class Erasure(models.Model):
    """It goes with its person, in the transaction that takes the last of them away."""

    is_shown: ClassVar[bool] = False  # as a row; the page of the person says how far it is

    person = models.OneToOneField(User, models.CASCADE, primary_key=True, related_name="erasure")
    by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    address = models.GenericIPAddressField(null=True)
    reason = models.CharField(max_length=REASON, blank=True)
    asked_at = models.DateTimeField(default=timezone.now)
    # How many there were, and how many of them are gone.
    messages = models.PositiveBigIntegerField()
    gone = models.PositiveBigIntegerField(default=0)

    def __str__(self) -> str:
        return f"erasure of {self.person_id}"
