"""What this process counts as it goes, for `/metrics` (decision 0109).

Each number is of this process since it began: the sum over all processes is the site's. No label says who
a person is or what they wrote, and none has a value that a stranger may choose.
"""

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
)

disable_created_metrics()  # type: ignore[no-untyped-call] # when each of them began is when the process did, and that is there
OF_THIS_PROCESS = CollectorRegistry()
ProcessCollector(registry=OF_THIS_PROCESS)

# A model answers within these, a deadline is a minute by default.
FIRST_TOKEN_BUCKETS = (0.1, 0.25, 0.5, 1, 2, 3, 5, 10, 20, 30, 60, 120)
# An upload takes its time, a call with `wait` as long as an answer.
REQUEST_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300)
# One that waits is late by a millisecond; what is late by more than 0.1 s is felt.
LAG_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5)

REQUESTS = Counter(
    "chatsite_http_requests",
    "Requests answered, by door and status.",
    ("door", "status"),
    registry=OF_THIS_PROCESS,
)
REQUEST_SECONDS = Histogram(
    "chatsite_http_request_seconds",
    "From a request to the beginning of its answer.",
    ("door",),
    registry=OF_THIS_PROCESS,
    buckets=REQUEST_BUCKETS,
)
RUNS_ENDED = Counter(
    "chatsite_runs_ended",
    "Answers that ended, by their status and the code of what went wrong.",
    ("status", "error"),
    registry=OF_THIS_PROCESS,
)
MODERATED = Counter(
    "chatsite_moderated",
    "Messages that were marked or refused, or that the moderation endpoint did not judge.",
    ("what", "effect"),
    registry=OF_THIS_PROCESS,
)
CALLS = Counter(
    "chatsite_provider_calls",
    "Calls to providers; the outcome is ok, cancelled, cached or the code of what went wrong.",
    ("provider", "model", "purpose", "outcome"),
    registry=OF_THIS_PROCESS,
)
FIRST_TOKEN_SECONDS = Histogram(
    "chatsite_first_token_seconds",
    "From a call to the first token of its answer.",
    ("provider", "model"),
    registry=OF_THIS_PROCESS,
    buckets=FIRST_TOKEN_BUCKETS,
)
TOKENS = Counter(
    "chatsite_tokens",
    "Tokens as providers report them: input (cached_input is part of it), output (reasoning is).",
    ("provider", "model", "purpose", "kind"),
    registry=OF_THIS_PROCESS,
)
COST = Counter(
    "chatsite_cost_dollars",
    "What calls cost, in US dollars, where a price is known.",
    ("provider", "model", "purpose"),
    registry=OF_THIS_PROCESS,
)
LAG = Histogram(
    "chatsite_event_loop_lag_seconds",
    "How late the event loop comes to what is due, looked at twice a second.",
    registry=OF_THIS_PROCESS,
    buckets=LAG_BUCKETS,
)
