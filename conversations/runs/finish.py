"""How a run ends: by guarded update, so that exactly one of its possible ends wins."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import BigIntegerField, F, TextField, Value
from django.db.models.expressions import CombinedExpression
from django.db.models.functions import Cast, Coalesce, Concat, Least
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from conversations import counts
from conversations.errors import Interrupted
from conversations.events import doorbell
from conversations.models import Message, Run, RunEvent
from conversations.models.conversation import LIVE, Status
from conversations.provider.interface import MOST_TOKENS
from conversations.reading import branch
from conversations.reading.objects import Object, message_object
from conversations.runs import answer_cache, lost, sent
from conversations.runs.outcome import Outcome
from conversations.runs.recorder import LiveRun
from conversations.runs.start import BOOT
from conversations.usage import budgets, ledger, limits

# Whoever hears of an end that its owner did not write tells those who look on.
NOBODY = ""
WE_DIED = _("The server stopped while this was being written. What came is kept.")


def seal(live: LiveRun, outcome: Outcome) -> Object | None:
    """The answer as it stands for ever. None when the run is gone or something else ended it first;
    what its calls cost is on the ledger all the same."""
    # Before what its calls cost is counted: whoever thinks that we are dead locks in the same order.
    mine = Run.objects.select_related("conversation").select_for_update(of=("self",))
    run = mine.filter(pk=live.ticket.run).first()
    if run is None or not live.purse.is_empty:  # of one that is gone something was noted (lost.py)
        budgets.settle(runs=[live.ticket.run])
    cost = _entered(live, outcome)
    if run is None:
        ledger.take_back_lost(live.ticket.run)
        return None
    end = _told(outcome)
    if not _end(run, by=str(BOOT), **end, **_of_the_run(live, outcome)):
        ledger.take_back_lost(run.pk)
        return None
    used = {**_of_the_answer(live, outcome), **_paid(cost)}
    _write_answer(run, live.text.text, live.reasoning.text, {**end, **used})
    answer_cache.keep(live.ticket, outcome)
    sent.keep(run, outcome)
    return finished_object(run)


def _entered(live: LiveRun, outcome: Outcome) -> int | None:
    if outcome.model is None:  # it came to no call at all
        limits.given_back(live.ticket.run)
        return None
    return ledger.enter(live.ticket, outcome.model, outcome.calls)


def _told(outcome: Outcome) -> dict[str, Any]:
    """What run and answer say alike. Only what went wrong has a sentence."""
    problem = outcome.problem if outcome.status in (Status.INTERRUPTED, Status.FAILED) else None
    return {
        "status": outcome.status,
        "finish_reason": outcome.finish_reason[:40],
        "error_code": problem.code if problem else "",
        "error_message": str(problem) if problem else "",
    }


def _of_the_run(live: LiveRun, outcome: Outcome) -> dict[str, Any]:
    return {
        "first_token_at": live.first_token_at,
        "attempts": len(outcome.calls),
        "length": live.text.length,
    }


def _of_the_answer(live: LiveRun, outcome: Outcome) -> dict[str, Any]:
    return {
        **_tokens(outcome),
        **_who_answered(live, outcome),
        "left_out": outcome.left_out,
        "cached": outcome.is_cached,
        "sight": outcome.sight,
    }


def _end(run: Run, *, by: str = NOBODY, **fields: Any) -> bool:
    mine = Run.objects.filter(pk=run.pk, status__in=LIVE)
    won = bool(mine.update(finished_at=timezone.now(), **fields))
    if won:
        news = {
            "ended": str(run.pk),
            "conversation": str(run.conversation_id),
            "owner": str(run.user_id),
            "by": by,
        }
        doorbell.ring(news)
        ended = counts.RUNS_ENDED.labels(fields["status"], fields.get("error_code", ""))
        transaction.on_commit(ended.inc)
    return won


def _tokens(outcome: Outcome) -> dict[str, Any]:
    """What this run used on top of what a message that it continues had used before. The ledger has it call
    by call; here it ends where the column does, which no honest server comes near."""
    usage = outcome.usage
    if usage is None:
        return {}
    counts = {
        "input_tokens": usage.input,
        "cached_input_tokens": usage.cached_input,
        "output_tokens": usage.output,
        "reasoning_tokens": usage.reasoning,
    }
    return {name: Least(_more(name, count), MOST_TOKENS) for name, count in counts.items()}


def _paid(cost: int | None) -> dict[str, Any]:
    return {} if cost is None else {"cost_micros": _more("cost_micros", cost)}


def _who_answered(live: LiveRun, outcome: Outcome) -> dict[str, str]:
    """Where a fall-back did, and said something."""
    if not (outcome.model and outcome.instead_of and live.first_token_at):
        return {}
    return {"model": outcome.model.id, "instead_of": outcome.instead_of}


def _more(field: str, count: int) -> CombinedExpression:
    """Two numbers that a column holds may add up to one that it does not hold."""
    return Cast(Coalesce(F(field), 0), BigIntegerField()) + count


def _write_answer(run: Run, text: str, reasoning: str, fields: dict[str, Any]) -> None:
    """The text in one statement; its journal rows go."""
    Message.objects.filter(pk=run.message_id).update(
        text=Concat(F("text"), Value(text), output_field=TextField()),
        reasoning=Concat(F("reasoning"), Value(reasoning), output_field=TextField()),
        **fields,
    )
    RunEvent.objects.filter(run=run).delete()


def seal_orphan(run: Run) -> bool:
    """End a run whose process is gone: interrupted, with the text that the journal kept.

    The row is ours before the journal is read: a process that lives after all writes no more.
    """
    end = {
        "status": Status.INTERRUPTED,
        "error_code": Interrupted.code,
        "error_message": _said_to(run, WE_DIED),
    }
    if not _end(run, **end):
        return False
    budgets.settle(runs=[run.pk])
    text = branch.journal_text(run, RunEvent.Kind.TEXT)
    reasoning = branch.journal_text(run, RunEvent.Kind.REASONING)
    Run.objects.filter(pk=run.pk).update(length=run.text_before + len(text))
    cost = lost.enter(run, text, reasoning)
    _write_answer(run, text, reasoning, {**end, **_paid(cost)})
    return True


def _said_to(run: Run, sentence: Promise) -> str:
    with override(run.language or settings.LANGUAGE_CODE):
        return str(sentence)


def stop_waiting(id: UUID) -> bool:
    """End a run that no worker has taken yet as stopped; False when one has, or it has ended."""
    waiting = Run.objects.select_for_update().filter(pk=id, status=Status.WAITING)
    run = waiting.first()
    if run is None:
        return False
    _end(run, status=Status.STOPPED, length=run.text_before)
    limits.given_back(run.pk)
    budgets.settle(runs=[run.pk])
    _write_answer(run, "", "", {"status": Status.STOPPED})
    return True


def finished_object(run: Run) -> Object:
    """The answer of a run that has ended, whole."""
    message = branch.with_attachments(Message.objects).get(pk=run.message_id)
    branch.complete(run.conversation, [message])
    return message_object(message)
