"""Calls to providers as this process counts them, once they are on the ledger."""

from collections.abc import Iterable

from conversations import counts
from conversations.models import ProviderCall
from conversations.reading.costs import MICROS


def count(calls: Iterable[ProviderCall]) -> None:
    """Those that were made. Corrections are none: such counters only ever rise."""
    for call in calls:
        who = (call.provider, call.model)
        counts.CALLS.labels(*who, call.purpose, call.outcome).inc()
        if call.first_token_seconds is not None:
            counts.FIRST_TOKEN_SECONDS.labels(*who).observe(call.first_token_seconds)
        for kind, tokens in _tokens(call).items():
            counts.TOKENS.labels(*who, call.purpose, kind).inc(tokens or 0)
        counts.COST.labels(*who, call.purpose).inc((call.cost_micros or 0) / MICROS)


def _tokens(call: ProviderCall) -> dict[str, int | None]:
    return {
        "input": call.input_tokens,
        "cached_input": call.cached_input_tokens,
        "output": call.output_tokens,
        "reasoning": call.reasoning_tokens,
    }
