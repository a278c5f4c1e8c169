"""How a run ends: by guarded update, so that exactly one of its possible ends wins."""

from django.db.models import F, TextField, Value
from django.db.models.functions import Concat
from django.utils import timezone

from conversations.errors import Interrupted
from conversations.models import Message, Run, RunEvent
from conversations.models.conversation import LIVE, Status
from conversations.reading import branch
from conversations.reading.objects import Object, message_object
from conversations.runs.conductor import Outcome
from conversations.runs.recorder import LiveRun
from conversations.usage import ledger

WE_DIED = "The server stopped while this was being written. What came is kept."


def seal(live: LiveRun, outcome: Outcome) -> Object | None:
    """The answer as it stands for ever. None when the run is gone or something else ended it first."""
    run = Run.objects.filter(pk=live.ticket.run).first()
    if run is None:
        return None
    cost = ledger.enter(live.ticket, outcome.model, outcome.calls) if outcome.model else None
    problem = outcome.problem if outcome.status in (Status.INTERRUPTED, Status.FAILED) else None
    end = {
        "status": outcome.status,
        "finish_reason": outcome.finish_reason[:40],
        "error_code": problem.code if problem else "",
        "error_message": str(problem) if problem else "",
    }
    won = _end(
        run,
        **end,
        first_token_at=live.first_token_at,
        attempts=len(outcome.calls),
        length=live.text.length,
    )
    if not won:
        return None
    _write_answer(live, {**end, **_tokens(outcome), "cost_micros": cost})
    return finished_object(run)


def _end(run: Run, **fields: object) -> bool:
    mine = Run.objects.filter(pk=run.pk, status__in=LIVE)
    return bool(mine.update(finished_at=timezone.now(), **fields))


def _tokens(outcome: Outcome) -> dict[str, int]:
    usage = outcome.usage
    if usage is None:
        return {}
    return {
        "input_tokens": usage.input,
        "cached_input_tokens": usage.cached_input,
        "output_tokens": usage.output,
        "reasoning_tokens": usage.reasoning,
    }


def _write_answer(live: LiveRun, fields: dict[str, object]) -> None:
    """The text in one statement; its journal rows go."""
    Message.objects.filter(pk=live.ticket.message).update(
        text=Concat(F("text"), Value(live.text.text), output_field=TextField()),
        reasoning=Concat(F("reasoning"), Value(live.reasoning.text), output_field=TextField()),
        **fields,
    )
    RunEvent.objects.filter(run=live.ticket.run).delete()


def seal_orphan(run: Run) -> bool:
    """End a run whose process is gone: interrupted, with the text that the journal kept."""
    text = branch.journal_text(run, RunEvent.Kind.TEXT)
    reasoning = branch.journal_text(run, RunEvent.Kind.REASONING)
    end = {
        "status": Status.INTERRUPTED,
        "error_code": Interrupted.code,
        "error_message": WE_DIED,
    }
    if not _end(run, **end, length=run.text_before + len(text)):
        return False
    Message.objects.filter(pk=run.message_id).update(
        text=Concat(F("text"), Value(text), output_field=TextField()),
        reasoning=Concat(F("reasoning"), Value(reasoning), output_field=TextField()),
        **end,
    )
    RunEvent.objects.filter(run=run).delete()
    return True


def finished_object(run: Run) -> Object:
    """The answer of a run that has ended, whole."""
    message = branch.with_pictures(Message.objects).get(pk=run.message_id)
    branch.complete(run.conversation, [message])
    return message_object(message)
