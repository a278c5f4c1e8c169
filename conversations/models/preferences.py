"""How a person likes it, and the prompts that are kept to be used again."""

from typing import ClassVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.db import models
from django.db.models.functions import Lower

from conversations.ids import uuid7
from conversations.models.accounts import User

LANGUAGES = (("", "As the browser says"), ("en", "English"), ("de", "Deutsch"))


class Preferences(models.Model):
    """A person who never chose anything has no row: `access.preferences_for` gives them one."""

    user = models.OneToOneField(
        User, models.CASCADE, primary_key=True, related_name="preferences", editable=False
    )
    # Read by the model in every conversation of this person, before what that conversation says.
    system_prompt = models.TextField(blank=True)
    # A name of the IANA list. Empty: no browser has told it yet.
    time_zone = models.CharField(max_length=64, blank=True)
    language = models.CharField(max_length=10, choices=LANGUAGES, blank=True)
    # What a new conversation starts with: the one that was chosen last.
    model = models.CharField(max_length=100, blank=True)

    class Meta:
        verbose_name_plural = "preferences"

    def __str__(self) -> str:
        return f"preferences of {self.user_id}"

    @property
    def zone(self) -> ZoneInfo | None:
        """None: no browser has told it yet, or this machine does not know it (any more)."""
        try:
            return ZoneInfo(self.time_zone) if self.time_zone else None
        except (ZoneInfoNotFoundError, ValueError):
            return None


class SavedPrompt(models.Model):
    """Written once, fetched by `/name`. `{{blank}}` is filled in when it is used.

    Without an owner it is there for all, and administrators look after it.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    owner = models.ForeignKey(
        User, models.CASCADE, null=True, blank=True, editable=False, related_name="prompts"
    )
    name = models.CharField(max_length=40, help_text="What is typed behind the slash.")
    text = models.TextField(help_text="{{blank}} or {{blank:what stands there at first}}.")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                "owner", Lower("name"), name="one_prompt_a_name", nulls_distinct=False
            ),
        ]

    def __str__(self) -> str:
        return f"/{self.name}"
