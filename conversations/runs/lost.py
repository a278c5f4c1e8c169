"""What a run took whose process is gone: nobody wrote its calls down, so it is told from outside."""

import logging

from django.db import transaction

from conversations.models import Reservation, Run, RunEvent
from conversations.provider import catalogue
from conversations.provider.interface import Model, Usage
from conversations.provider.tokens import counting
from conversations.reading import branch
from conversations.runs import meter
from conversations.runs.start import ticket_of
from conversations.usage import budgets, ledger

log = logging.getLogger(__name__)


def enter(run: Run, text: str, reasoning: str) -> int | None:
    """On the ledger, as an estimate: the prompt by what the conversation was long, and what the journal
    has of the answer. What it cost. A run ends also where that cannot be told."""
    try:
        with transaction.atomic():
            return ledger.enter_lost(
                ticket_of(run),
                _model(run),
                run.started_at or run.created_at,
                _took(run, text, reasoning),
            )
    except Exception:
        log.exception("run %s: what it took could not be told", run.pk)
        return None


def note(run: Run) -> None:
    """Its conversation is about to be destroyed, and it with that: should its process be dead, or die before
    it has heard of it, there is no row to find it by. The run is locked by the caller."""
    text = branch.journal_text(run, RunEvent.Kind.TEXT)
    took = _took(run, text, branch.journal_text(run, RunEvent.Kind.REASONING))
    budgets.note_run(run, boot=run.boot, reads=max(1, took.input), wrote=took.output)


def enter_noted(noted: Reservation) -> None:
    """A small call beside the runs, or a run that is gone: what it would read was noted; what came of it
    since, nobody knows. The note goes also where that cannot be told."""
    took = Usage(input=noted.reads, cached_input=0, output=noted.wrote, reasoning=0)
    try:
        with transaction.atomic():
            if noted.run and ledger.has_calls_of(noted.run):  # its process was alive after all
                noted.delete()
                return
            ledger.enter_noted(noted, _named(noted.model), took)
    except Exception:
        log.exception("call %s: what it took could not be told", noted.pk)
        noted.delete()


def _took(run: Run, text: str, reasoning: str) -> Usage:
    """By bytes: the process that counts is for those who wait, and this is a guess anyway."""
    thought, said = counting.roughly([reasoning, text])
    read = meter.prompt_tokens(run)
    return Usage(input=read, cached_input=0, output=thought + said, reasoning=thought)


def _model(run: Run) -> Model:
    """Its fall-back, once that has begun to answer (stand_in.py)."""
    stands_in = run.message.instead_of == run.model
    return _named(run.message.model if stands_in else run.model)


def _named(id: str) -> Model:
    """One that was withdrawn since has no price that we know of, and a provider that we do not."""
    unknown = Model(id, id, "", context_window=1, max_output_tokens=1)
    return catalogue.model_named(id) or unknown
