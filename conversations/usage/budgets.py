"""Budgets: the most that a call can come to is reserved before it is made, and what it came to counted
after it (docs/decisions/0123).

Where there is no budget a question costs no statement for it: whether there is any is known by heart, as
the catalogue is. What they say is read where it is needed, under the lock of their counters.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from django.db import connection

from conversations.by_heart import ByHeart
from conversations.ids import uuid7
from conversations.models import Budget, Purpose, Reservation, Run, Spending
from conversations.usage.standing import Most, Standing
from conversations.usage.too_much import refuse_what_is_too_much

# Whoever changes a budget holds this alone, who counts shares it (migrations: budgets).
LOCK = 0x63686174_62756467  # "chatbudg"
ALONE = "SELECT pg_advisory_xact_lock(%s)"
HOLD = """
SELECT b.id, b.name, b.scope, b.measure, b.period, b."limit", h.began, h.used, h.reserved, clock_timestamp()
  FROM chatsite_hold_budgets(%s, %s, %s) h JOIN conversations_budget b ON b.id = h.budget
"""
STANDINGS = """
SELECT b.id, b.name, b.scope, b.measure, b.period, b."limit", f.began,
       coalesce(s.used, chatsite_spent(b, f.whom, f.began)), chatsite_reserved(b, f.whom), clock_timestamp()
  FROM chatsite_budgets_for(%s, NULL, NULL, clock_timestamp()) f
  JOIN conversations_budget b ON b.id = f.budget
  LEFT JOIN conversations_spending s
    ON s.budget_id = f.budget AND s.whom = f.whom AND s.began = f.began
 ORDER BY b.id
"""
ANY = "SELECT FROM chatsite_budgets_for(%s, %s, %s, clock_timestamp()) LIMIT 1"
EVERYBODY = UUID(int=0)


@dataclass(frozen=True, slots=True)
class Payer:
    """Who is about to spend what on. `other` is the model that may have to stand in."""

    user: UUID | None
    purpose: str
    model: str
    other: str = ""
    conversation: UUID | None = None

    @property
    def models(self) -> list[str]:
        return [name for name in (self.model, self.other) if name]


def _ask() -> bool:
    return Budget.objects.filter(is_enabled=True).exists()


in_force = ByHeart(_ask)


def exist() -> bool:
    """Whether any budget is in force, as this process knows it."""
    return in_force.known()


def surely_none() -> bool:
    """For the event loop, where nothing is read."""
    return in_force.as_last_known() is False


def changing(budget: Budget) -> None:
    """In the transaction that is about to change it: nobody counts meanwhile, and what was counted by
    what it said before is forgotten. Its counters are made anew from the ledger."""
    with connection.cursor() as cursor:
        cursor.execute(ALONE, [LOCK])
    if budget.pk is not None:
        Spending.objects.filter(budget=budget.pk).delete()
    in_force.changed()


def reserve(payer: Payer, most: Most, *, boot: UUID | None, run: UUID | None = None) -> UUID | None:
    """Take `most` out of every budget that counts for this call. Raises BudgetExceeded, and then nothing
    was taken. None: no budget counts for it.

    To be called last in its transaction: who asks meanwhile waits for its end.
    """
    if not exist():
        return None
    own = replace(payer, other="")
    standings = _held(own)
    if not standings and not (payer.other and _any_counts_for(payer)):
        return None
    refuse_what_is_too_much(standings, most)
    return _reserved(own, most, pk=uuid7(), run=run, boot=boot)


def note(payer: Payer, most: Most, *, call: UUID, boot: UUID, reads: int) -> None:
    """That a small call beside the runs is about to be made, of which nothing else tells should this process
    die: also where no budget counts for it. Raises BudgetExceeded, and then it is not noted."""
    if exist():
        refuse_what_is_too_much(_held(payer), most)
    _reserved(payer, most, pk=call, boot=boot, reads=reads)


def note_run(run: Run, *, boot: UUID | None, reads: int, wrote: int) -> None:
    """That a run goes with its conversation while `boot` executes it, with what the ledger is told should
    that die before it has entered its calls."""
    told = {"reads": reads, "wrote": wrote, "conversation": run.conversation_id}
    if Reservation.objects.filter(run=run.pk).update(**told):
        return
    payer = Payer(run.user_id, Purpose.CHAT, run.model, conversation=run.conversation_id)
    _reserved(payer, Most(), run=run.pk, boot=boot, reads=reads, wrote=wrote)


def cover(run: UUID, boot: UUID, most: Most | None = None, model: str = "") -> Most | None:
    """What is reserved for a run, which `boot` answers for from now on; raised to `most` where that is
    more, or where `model` is another that has to stand in. Raises BudgetExceeded, and then it is as it was.
    None: nothing was reserved for it."""
    mine = Reservation.objects.select_for_update().filter(run=run).first()
    if mine is None:
        return None
    held = Most(mine.micros, mine.tokens, mine.messages)
    if most is not None:
        held = _raised(mine, held, most, model)
    mine.boot = boot
    mine.micros, mine.tokens, mine.messages = held.micros, held.tokens, held.messages
    mine.save(update_fields=["boot", "other", "micros", "tokens", "messages"])
    return held


def _raised(mine: Reservation, held: Most, most: Most, model: str) -> Most:
    """To what two models need, of which budgets for the second have nothing in them yet."""
    payer, wanted = Payer(mine.user, mine.purpose, mine.model, mine.other), held | most
    if model in ("", *payer.models):
        if wanted != held:
            refuse_what_is_too_much(_held(payer), wanted, held)
        return wanted
    mine.other = model
    both = _held(replace(payer, other=model))
    knew = {standing.id for standing in _held(payer)}
    refuse_what_is_too_much([one for one in both if one.id in knew], wanted, held)
    refuse_what_is_too_much([one for one in both if one.id not in knew], wanted)
    return wanted


def lessen(run: UUID, most: Most) -> None:
    """It is known by now that a run takes no more than this."""
    Reservation.objects.filter(run=run, tokens__gt=most.tokens).update(
        micros=most.micros, tokens=most.tokens
    )


def settle(*, runs: Iterable[UUID] = (), calls: Iterable[UUID] = ()) -> int:
    """What was reserved for them is free; of how many something was. In the transaction that puts them on
    the ledger, before that: a trigger counts there what they came to, by counters that are locked after
    what is reserved."""
    count = 0
    if runs:
        count += Reservation.objects.filter(run__in=runs).delete()[0]
    if calls:
        count += Reservation.objects.filter(pk__in=calls).delete()[0]
    return count


def standings_for(user: UUID) -> list[Standing]:
    """Of every budget that counts for this person, now, the tightest first. Nothing is locked for it."""
    if not exist():
        return []
    found = _standings(STANDINGS, [user])
    return sorted(found, key=lambda standing: standing.share, reverse=True)


def _reserved(payer: Payer, most: Most, **fields: Any) -> UUID:
    row = Reservation(
        user=payer.user, conversation=payer.conversation, purpose=payer.purpose,
        model=payer.model, other=payer.other,
        micros=most.micros, tokens=most.tokens, messages=most.messages, **fields,
    )  # fmt: skip
    Reservation.objects.bulk_create([row])
    return row.pk


def _any_counts_for(payer: Payer) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(ANY, [payer.user, payer.models, [payer.purpose]])
        return bool(cursor.fetchall())


def _held(payer: Payer) -> list[Standing]:
    return _standings(HOLD, [payer.user, payer.models, [payer.purpose]])


def _standings(statement: str, values: list[Any]) -> list[Standing]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return [Standing(*row) for row in cursor.fetchall()]
