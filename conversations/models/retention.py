"""How long things are kept, by kind and by group."""

from typing import ClassVar

from django.contrib.auth.models import Group
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import ngettext

from conversations.models.site import MOST_DAYS


class Kind(models.TextChoices):
    CONVERSATIONS = "conversations", "conversations"
    ARCHIVED = "archived", "archived conversations"
    PICTURES = "pictures", "pictures that were never sent"
    FILES = "files", "files that were never sent"


class RetentionRule(models.Model):
    """After so many days without activity they are deleted. Who is in several groups is kept for the
    longest of theirs, and the rule for everybody holds for who is in none (docs/decisions/0135)."""

    group = models.ForeignKey(
        Group, models.CASCADE, null=True, blank=True, related_name="retention",
        db_index=False,  # see one_rule_a_group_and_kind
        help_text="Empty: everybody who is in no group that has a rule.",
    )  # fmt: skip
    what = models.CharField(max_length=14, choices=Kind, default=Kind.CONVERSATIONS)
    days = models.PositiveIntegerField(
        validators=[MinValueValidator(1), MaxValueValidator(MOST_DAYS)],
        help_text="Since the last activity; of pictures and files, since they were brought.",
    )
    keeps_pinned = models.BooleanField("keeps those that are pinned", default=True)

    class Meta:
        verbose_name = "rule for keeping"
        verbose_name_plural = "rules for keeping"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["group", "what"], nulls_distinct=False, name="one_rule_a_group_and_kind"
            ),
            models.CheckConstraint(
                condition=models.Q(what__in=Kind.values), name="retention_kind_is_known"
            ),
            models.CheckConstraint(condition=models.Q(days__gte=1), name="kept_for_a_day_at_least"),
        ]

    def __str__(self) -> str:
        told = ngettext("{what} after {days} day", "{what} after {days} days", self.days)
        return told.format(what=self.get_what_display(), days=self.days)
