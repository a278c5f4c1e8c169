"""What may be spent, by whom, on what and in which time; what was spent of it, and what is about to be.

Triggers and functions of Postgres count it (migrations: budgets; docs/decisions/0123).
"""

from typing import ClassVar

from django.contrib.auth.models import Group
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone

from conversations.ids import uuid7
from conversations.models.accounts import User
from conversations.models.usage import Purpose


class Measure(models.TextChoices):
    """Money is counted in micro-dollars, here as on the ledger."""

    MONEY = "money", "money"
    TOKENS = "tokens", "tokens"
    MESSAGES = "messages", "messages"


class Period(models.TextChoices):
    """By the clock of UTC, as the days of prices and reports are; a week begins on Monday."""

    HOUR = "hour", "an hour"
    DAY = "day", "a day"
    WEEK = "week", "a week"
    MONTH = "month", "a month"


class Scope(models.TextChoices):
    """Whom a budget is for. Each has a counter of their own, or all have one together."""

    SITE = "site", "everybody together"
    EACH = "each", "each person"
    PERSON = "person", "one person"
    GROUP = "group", "the members of a group together"
    MEMBER = "member", "each member of a group"


OF_A_GROUP = (Scope.GROUP, Scope.MEMBER)
# Each person has a counter of their own.
EACH_HAS_ONE = (Scope.EACH, Scope.MEMBER)
# Whose spending is of interest to those who look after the site: no one person's.
SHARED = (Scope.SITE, Scope.GROUP)


class Budget(models.Model):
    """So much and no more. Of several that count for a call, the tightest decides."""

    name = models.CharField("name", max_length=80)
    scope = models.CharField("for whom", max_length=10, choices=Scope, default=Scope.EACH)
    user = models.ForeignKey(
        User, models.CASCADE, null=True, blank=True, related_name="budgets", verbose_name="person"
    )
    group = models.ForeignKey(
        Group, models.CASCADE, null=True, blank=True, related_name="budgets", verbose_name="group"
    )
    measure = models.CharField("of what", max_length=10, choices=Measure, default=Measure.MONEY)
    # Micro-dollars, tokens or messages.
    limit = models.BigIntegerField("limit", validators=[MinValueValidator(0)])
    period = models.CharField("in", max_length=10, choices=Period, default=Period.MONTH)
    # The id of a model, and a purpose of the ledger. Empty: of all.
    model = models.CharField("only this model", max_length=100, blank=True, default="")
    purpose = models.CharField(
        "only this purpose", max_length=20, choices=Purpose, blank=True, default=""
    )
    is_enabled = models.BooleanField("in force", default=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(limit__gte=0), name="a_budget_is_no_debt"),
            models.CheckConstraint(
                condition=Q(scope=Scope.PERSON, user__isnull=False)
                | (~Q(scope=Scope.PERSON) & Q(user=None)),
                name="a_budget_names_its_person",
            ),
            models.CheckConstraint(
                condition=Q(scope__in=OF_A_GROUP, group__isnull=False)
                | (~Q(scope__in=OF_A_GROUP) & Q(group=None)),
                name="a_budget_names_its_group",
            ),
            models.CheckConstraint(
                condition=Q(period__in=Period.values, measure__in=Measure.values),
                name="a_budget_is_of_a_kind",
            ),
            # Nobody asks for a title: only questions are messages.
            models.CheckConstraint(
                condition=~Q(measure=Measure.MESSAGES) | Q(purpose__in=["", Purpose.CHAT]),
                name="messages_are_of_the_chat",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Spending(models.Model):
    """What is on the ledger within one period of a budget: the sum of its rows, kept by a trigger.

    Its lock makes those who begin a call serial that the same budget counts for.
    """

    # No constraints in Postgres: a question must not wait for whoever changes a budget.
    budget = models.ForeignKey(
        Budget, models.CASCADE, related_name="spendings", db_constraint=False, db_index=False
    )
    # Whose counter it is; NOBODY's where a budget counts people together.
    whom = models.UUIDField()
    began = models.DateTimeField()
    used = models.BigIntegerField(default=0)
    # When those who look after the site heard that most of it is gone.
    told_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["budget", "whom", "began"], name="one_counter_a_period"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.began:%Y-%m-%d %H:%M}"


class Reservation(models.Model):
    """A call that is about to be made or under way: the most that it can come to. It goes in the
    transaction that puts the call on the ledger."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    # None: a small call beside the runs, such as a title.
    run = models.UUIDField(null=True, unique=True)
    # Ids, not rows: money is spent also where everything is gone by now.
    user = models.UUIDField(null=True)
    # Which process answers for it. One whose process is dead lapses (runs/reaper.py).
    boot = models.UUIDField(null=True)
    purpose = models.CharField(max_length=20, choices=Purpose)
    model = models.CharField(max_length=100)
    # The model that may have to stand in.
    other = models.CharField(max_length=100, blank=True, default="")
    micros = models.BigIntegerField()
    tokens = models.BigIntegerField()
    messages = models.PositiveSmallIntegerField(default=0)
    at = models.DateTimeField(default=timezone.now)
    # Of a small call, and of a run whose conversation goes, what the ledger is told should its process die:
    # roughly what it reads, and what it has written.
    conversation = models.UUIDField(null=True)
    reads = models.PositiveIntegerField(default=0, db_default=0)
    wrote = models.PositiveIntegerField(default=0, db_default=0)

    def __str__(self) -> str:
        return f"{self.purpose} {self.model}"
