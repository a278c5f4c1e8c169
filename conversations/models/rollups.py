"""The ledger added up, so that nobody has to read ten million rows to draw a year.

Six sums of the same numbers, each the shortest way to some question: by day and person, by month and
person, by day for all, the whole day and the whole month of a person, and their day by purpose. A trigger
notes each row of the ledger as it is entered (`Uncounted`), whenever its transaction commits and whatever
day it belongs to; usage/rollups.py adds what was noted and forgets the note in one statement. So a late row,
a correction of last March and a job that dies are nothing special.

`DailyUseNow` is a view that adds what is noted and not yet counted: it is exact at any moment, and quick for
one person. The desk has the notes counted before it reads. All days are those of UTC. A change of the
ledger's columns that the view `CallUse` reads has to make it anew.
"""

from typing import ClassVar

from django.db import models

from conversations.models.accounts import User

# How long the first token took, in milliseconds: the upper ends of the steps that are counted. The last
# step has no end. Each is about half as long again as the one before, so that a percentile read from
# them is off by a few per cent.
WAIT_ENDS = (100, 150, 250, 400, 600, 1000, 1500, 2500, 4000, 6000, 10_000, 15_000, 30_000, 60_000)
WAITS = tuple(f"wait_{step}" for step in range(len(WAIT_ENDS) + 1))

COUNTS = ("calls", "questions", "errors", "priced")
AMOUNTS = (
    "input_tokens", "cached_input_tokens", "output_tokens", "reasoning_tokens", "cost_micros",
)  # fmt: skip
SUMS = (*COUNTS, *AMOUNTS, *WAITS)


class Sums(models.Model):
    """What is added up. `questions`: first attempts at an answer; `priced`: calls whose cost is known;
    `errors`: calls that the provider did not carry out."""

    is_shown: ClassVar[bool] = False  # as rows; the desk shows what they add up to
    day = models.DateField()

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return str(self.day)


for _name in (*COUNTS, *WAITS):
    Sums.add_to_class(_name, models.IntegerField(default=0))
for _name in AMOUNTS:
    Sums.add_to_class(_name, models.BigIntegerField(default=0))


class OfKind(Sums):
    provider = models.CharField(max_length=40)
    model = models.CharField(max_length=100)
    purpose = models.CharField(max_length=20)

    class Meta:
        abstract = True


class OfPerson(models.Model):
    # As on the ledger: of who is gone the id remains, or nobody.
    user = models.ForeignKey(
        User, models.DO_NOTHING, null=True, db_constraint=False, db_index=False, related_name="+"
    )

    class Meta:
        abstract = True


KINDS = ("provider", "model", "purpose")


def _one_row(name: str, *of: str, kinds: tuple[str, ...] = KINDS) -> models.UniqueConstraint:
    fields = ["day", *of, *kinds]
    return models.UniqueConstraint(fields=fields, name=name, nulls_distinct=False)


class DailyUse(OfPerson, OfKind):
    class Meta:
        constraints: ClassVar = [_one_row("one_use_a_day", "user")]
        indexes: ClassVar = [
            # A person's own, over a range of days.
            models.Index(fields=["user", "day"], name="use_of_user"),
            # Who was active with one model, of a site that has many.
            models.Index(fields=["model", "day", "user"], name="use_of_model"),
        ]


class MonthlyUse(OfPerson, OfKind):
    """`day` is the first of the month."""

    class Meta:
        constraints: ClassVar = [_one_row("one_use_a_month", "user")]
        # Who was active at all, of those asked about.
        indexes: ClassVar = [models.Index(fields=["user", "day"], name="use_of_user_by_month")]


class SiteUse(OfKind):
    """Of everybody together."""

    class Meta:
        constraints: ClassVar = [_one_row("one_use_of_all")]


class OfWholePerson(OfPerson, Sums):
    """Whatever it was spent on: a tenth of the rows of the sums by kind, from which Postgres keeps them
    (migration 0048). The steps of the time to the first token are those of answers alone."""

    class Meta:
        abstract = True


class PersonDay(OfWholePerson):
    class Meta:
        constraints: ClassVar = [_one_row("one_day_of_a_person", "user", kinds=())]


class PersonMonth(OfWholePerson):
    """`day` is the first of the month."""

    class Meta:
        constraints: ClassVar = [_one_row("one_month_of_a_person", "user", kinds=())]


class PurposeDay(OfPerson, Sums):
    """Of a person's day what was spent on one purpose, with whatever model; kept by Postgres, too (migration
    0053)."""

    purpose = models.CharField(max_length=20)

    class Meta:
        constraints: ClassVar = [_one_row("one_purpose_of_a_day", "user", kinds=("purpose",))]


class Uncounted(models.Model):
    """A row of the ledger that is in none of the sums yet."""

    is_shown: ClassVar[bool] = False
    call = models.UUIDField(primary_key=True)

    def __str__(self) -> str:
        return str(self.call)


class CallUse(OfPerson, OfKind):
    """One row of the ledger as what it counts for. `hour` is the beginning of its hour; `wait` is which of
    WAITS it is: many calls are counted by it in half the time that it takes to add the fifteen of them up."""

    id = models.UUIDField(primary_key=True)
    at = models.DateTimeField()
    hour = models.DateTimeField()
    wait = models.IntegerField(null=True)

    class Meta:
        managed = False


class DailyUseNow(OfPerson, OfKind):
    """`DailyUse`, and the calls that are not in it yet."""

    class Meta:
        managed = False
