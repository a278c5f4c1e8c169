"""Budgets beside the runs: a change is in force in every process, and what dead processes had reserved is
free again."""

from datetime import timedelta
from typing import Any

from django.db.models import Exists, OuterRef
from django.db.models.functions import Now
from django.db.models.signals import post_delete, post_save, pre_delete, pre_save

from conversations.events import doorbell
from conversations.models import Boot, Budget, Reservation, Run
from conversations.models.conversation import LIVE
from conversations.usage import budgets


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
    """Reservations that nobody answers for: their run has ended or is gone, and so is the process that
    made the call. A run that is live keeps its own until whoever finds it dead has settled it."""
    if not budgets.exist():
        return 0
    alive = Boot.objects.filter(
        pk=OuterRef("boot"), beat_at__gt=Now() - timedelta(seconds=dead_after)
    )
    live = Run.objects.filter(pk=OuterRef("run"), status__in=LIVE)
    # A process that has just come may reserve before its first sign.
    young = Now() - timedelta(seconds=dead_after)
    left = Reservation.objects.filter(~Exists(alive), ~Exists(live), at__lt=young)
    return left.delete()[0]
