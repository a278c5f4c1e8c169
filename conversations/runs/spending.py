"""Budgets beside the runs: a change is in force in every process, and what dead processes had reserved is
free again."""

from datetime import timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Now
from django.db.models.signals import post_delete, post_save, pre_delete, pre_save

from conversations.events import doorbell
from conversations.models import Boot, Budget, Reservation, Run
from conversations.models.conversation import LIVE
from conversations.runs import lost
from conversations.usage import budgets

# No call beside the runs takes longer. A program that makes some gives no sign of life.
SMALL_CALL_SECONDS = 90.0


def watch() -> None:
    for about_to in (pre_save, pre_delete):
        about_to.connect(_changing, Budget)
    for done in (post_save, post_delete):
        done.connect(_changed, Budget)


def _changing(instance: Budget, **_: Any) -> None:
    budgets.changing(instance)


def _changed(**_: Any) -> None:
    doorbell.ring({"budgets": True})


def lapse(dead_after: float) -> int:
    """Reservations that nobody answers for: their run has ended, which settles what it took, or it is gone
    and so is the process that made the call. A run that is live keeps its own until whoever finds it dead
    has settled it. What of a dead process was no run, or one that went with its conversation, is put on the
    ledger here."""
    alive = Boot.objects.filter(
        pk=OuterRef("boot"), beat_at__gt=Now() - timedelta(seconds=dead_after)
    )
    runs = Run.objects.filter(pk=OuterRef("run"))
    # A process that has just come may reserve before its first sign.
    old = Reservation.objects.filter(at__lt=Now() - timedelta(seconds=dead_after))
    ended, dead = Exists(runs.exclude(status__in=LIVE)), ~Exists(runs) & ~Exists(alive)
    left = old.filter(ended | Q(dead, run__isnull=False, reads=0)).delete()[0]
    small = Q(run=None, at__lt=Now() - timedelta(seconds=SMALL_CALL_SECONDS))
    noted = old.filter(dead, small | Q(run__isnull=False))
    for call in noted.select_for_update(skip_locked=True):
        lost.enter_noted(call)
        left += 1
    return left
