"""What a run took whose process is gone: nobody wrote its calls down, so it is told from outside."""

import logging

from django.db import transaction

from conversations.errors import Refusal
from conversations.models import Reservation, Run
from conversations.provider import catalogue
from conversations.provider.interface import Model, Usage
from conversations.provider.tokens import counting
from conversations.runs import meter
from conversations.runs.start import ticket_of
from conversations.usage import ledger
from conversations.usage.ledger import Bill

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


def enter_call(noted: Reservation) -> None:
    """A small call beside the runs: what it would read was noted; what came of it nobody knows. The note
    goes also where that cannot be told."""
    took = Usage(input=noted.reads, cached_input=0, output=0, reasoning=0)
    try:
        with transaction.atomic():
            model = catalogue.model_named(noted.model) or _unknown(noted.model)
            ledger.enter_lost_call(Bill(noted.user, noted.conversation), model, noted, took)
    except Exception:
        log.exception("call %s: what it took could not be told", noted.pk)
        noted.delete()


def _took(run: Run, text: str, reasoning: str) -> Usage:
    """By bytes: the process that counts is for those who wait, and this is a guess anyway."""
    thought, said = counting.roughly([reasoning, text])
    read = meter.prompt_tokens(run)
    return Usage(input=read, cached_input=0, output=thought + said, reasoning=thought)


def _model(run: Run) -> Model:
    """One that was withdrawn since has no price that we know of, and a provider that we do not."""
    try:
        return catalogue.model_for(run.user, run.model)
    except Refusal:
        return _unknown(run.model)


def _unknown(id: str) -> Model:
    return Model(id, id, "", context_window=1, max_output_tokens=1)
