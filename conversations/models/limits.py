"""How much may be asked at once: what administrators allow, and what was asked within the last minute."""

import ipaddress
from typing import ClassVar

from django.conf import settings
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from conversations.models.allowance import USUAL_ANSWER_TOKENS

# One household or office gets so much of IPv6, and an address of its own for each day and device.
IPV6_PREFIX = 64
# As many as one site can answer: of a person each is remembered by its moment.
MOST_MESSAGES = 10_000
MOST_TOKENS = 2_000_000_000
MOST_RUNS = 10_000

NEEDS_PERSON = _("Say which person.")
NEEDS_GROUP = _("Say which group.")
NO_NETWORK = _("This is not a network, such as 10.0.0.0/8 or 2001:db8::/32.")
TOO_NARROW = _("Addresses of IPv6 count by their first 64 bits: no more than /64.")
NOTHING_SAID = _("Say how much: at least one of the three.")


class Whom(models.TextChoices):
    EVERYBODY = "everybody", "each person"
    EACH = "each", "each member of a group"
    PERSON = "person", "one person"
    TOGETHER = "together", "the members of a group together"
    ADDRESS = "address", "each address"


def _amount(name: str, most: int) -> "models.PositiveIntegerField[int | None, int | None]":
    return models.PositiveIntegerField(
        name, null=True, blank=True, validators=[MaxValueValidator(most)]
    )


class RateLimit(models.Model):
    """A row of the admin. Of its amounts nothing: as otherwise; 0: no limit (usage/bounds.py)."""

    whom = models.CharField("whom it counts for", max_length=10, choices=Whom)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, blank=True, related_name="rate_limits",
        verbose_name="person",
    )  # fmt: skip
    group = models.ForeignKey(
        Group, models.CASCADE, null=True, blank=True, related_name="rate_limits",
        verbose_name="group",
    )  # fmt: skip
    network = models.CharField("network", max_length=43, blank=True)
    messages = _amount("messages a minute", MOST_MESSAGES)
    tokens = _amount("tokens a minute", MOST_TOKENS)
    runs = _amount("answers at once", MOST_RUNS)
    note = models.CharField("note", max_length=200, blank=True)

    class Meta:
        verbose_name = "rate limit"
        verbose_name_plural = "rate limits"
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(whom="person", user__isnull=False, group=None, network="")
                | Q(whom__in=("each", "together"), user=None, group__isnull=False, network="")
                | Q(whom="everybody", user=None, group=None, network="")
                | Q(whom="address", user=None, group=None),
                name="a_rate_limit_says_whom",
            ),
            models.UniqueConstraint(
                fields=["user"], condition=Q(whom="person"), name="one_rate_limit_a_person"
            ),
            models.UniqueConstraint(
                fields=["whom", "group"],
                condition=Q(whom__in=("each", "together")),
                name="one_rate_limit_a_group",
            ),
            models.UniqueConstraint(
                fields=["whom", "network"],
                condition=Q(whom__in=("everybody", "address")),
                name="one_rate_limit_a_network",
            ),
        ]

    def __str__(self) -> str:
        about = self.user or self.group or self.network
        return f"{self.get_whom_display()}: {about}" if about else self.get_whom_display()

    def clean(self) -> None:
        """What the kind does not ask for is left out; the network is spelled in one way only."""
        super().clean()
        if self.whom != Whom.PERSON:
            self.user = None
        elif self.user is None:
            raise ValidationError({"user": NEEDS_PERSON})
        if self.whom not in (Whom.EACH, Whom.TOGETHER):
            self.group = None
        elif self.group is None:
            raise ValidationError({"group": NEEDS_GROUP})
        self.network = _spelled(self.network) if self.whom == Whom.ADDRESS else ""
        if self.messages is self.tokens is self.runs is None:
            raise ValidationError(NOTHING_SAID)


def _spelled(network: str) -> str:
    if not network.strip():
        return ""
    try:
        found = ipaddress.ip_network(network.strip(), strict=False)
    except ValueError:
        raise ValidationError({"network": NO_NETWORK}) from None
    if found.version == 6 and found.prefixlen > IPV6_PREFIX:
        raise ValidationError({"network": TOO_NARROW})
    return str(found)


class RateCount(models.Model):
    """What one person, group or address asked within the last minute. Its lock makes all who ask for them
    serial; there is none for whom nothing of it is limited."""

    # "user:…", "group:…" or "address:…". No foreign key: what was asked is soon forgotten.
    key = models.CharField(max_length=60, primary_key=True)
    # [second, messages, tokens], one for each second in which somebody asked (usage/minute.py).
    spent = models.JSONField(default=list)
    # A running mean.
    answer_tokens = models.FloatField(default=USUAL_ANSWER_TOKENS)
    at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.key


class RateHold(models.Model):
    """A run that one of the counts has let through: what was thought it takes, until the ledger knows."""

    key = models.CharField(max_length=60)
    # No foreign key: with its run goes what is held for it, and until somebody sweeps nobody minds.
    run = models.UUIDField()
    second = models.BigIntegerField()
    tokens = models.PositiveIntegerField()

    class Meta:
        constraints: ClassVar = [
            # It also serves to find what is to be put right when a run ends.
            models.UniqueConstraint(fields=["run", "key"], name="a_run_counts_once"),
        ]
        indexes: ClassVar = [
            # The answers under way of one group, or of one address.
            models.Index(fields=["key"], name="rate_hold_of_key"),
        ]

    def __str__(self) -> str:
        return f"{self.key} {self.run}"
