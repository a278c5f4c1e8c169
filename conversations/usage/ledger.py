"""One row for every call to a provider; rows are only ever added."""

from dataclasses import dataclass, field
from datetime import datetime

from conversations.models import ProviderCall, Run
from conversations.provider.interface import Model, Report
from conversations.usage.prices import cost_micros


@dataclass(slots=True)
class Call:
    """One attempt, as the conductor saw it. Times are in seconds."""

    at: datetime
    attempt: int
    report: Report = field(default_factory=Report)
    outcome: str = ""
    first_token_seconds: float | None = None
    seconds: float = 0.0


def enter(run: Run, model: Model, calls: list[Call]) -> int | None:
    """Write the calls of a run down. What they cost in all, None where no usage was reported."""
    rows = [_row(run, model, call) for call in calls]
    ProviderCall.objects.bulk_create(rows)
    costs = [row.cost_micros for row in rows if row.cost_micros is not None]
    return sum(costs) if costs else None


def _row(run: Run, model: Model, call: Call) -> ProviderCall:
    usage = call.report.usage
    return ProviderCall(
        user_id=run.user_id,
        conversation=run.conversation_id,
        run=run.pk,
        provider=model.provider,
        model=model.id,
        at=call.at,
        attempt=call.attempt,
        outcome=call.outcome,
        request_id=call.report.request_id[:200],
        first_token_seconds=call.first_token_seconds,
        seconds=call.seconds,
        input_tokens=usage.input if usage else None,
        cached_input_tokens=usage.cached_input if usage else None,
        output_tokens=usage.output if usage else None,
        reasoning_tokens=usage.reasoning if usage else None,
        cost_micros=cost_micros(model, usage) if usage else None,
    )
