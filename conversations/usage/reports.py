"""What a person has used, summed."""

from datetime import datetime
from typing import Any

from django.db.models import CharField, Count, F, Sum
from django.db.models.functions import Cast, TruncDate

from conversations.models import ProviderCall, User
from conversations.reading.objects import dollars

GROUPS = {
    "day": Cast(TruncDate("at"), CharField()),
    "model": F("model"),
    "purpose": F("purpose"),
}
TOKENS = ("input_tokens", "cached_input_tokens", "output_tokens")


def used(
    user: User, group: str, begin: datetime | None = None, end: datetime | None = None
) -> list[dict[str, Any]]:
    """One row a key of `group` (a name in GROUPS), from `begin` to before `end`."""
    calls = ProviderCall.objects.filter(user=user)
    if begin:
        calls = calls.filter(at__gte=begin)
    if end:
        calls = calls.filter(at__lt=end)
    sums = {f"sum_{name}": Sum(name) for name in (*TOKENS, "cost_micros")}
    # A correction is no request of its own: it has no attempt.
    rows = (
        calls.annotate(key=GROUPS[group]).values("key").annotate(requests=Count("attempt"), **sums)
    )
    return [_item(dict(row)) for row in rows.order_by("key")]


def _item(row: dict[str, Any]) -> dict[str, Any]:
    counts = {name: row[f"sum_{name}"] or 0 for name in TOKENS}
    cost = dollars(row["sum_cost_micros"])  # null: no price is known, which is not the same as free
    return {"key": row["key"], "requests": row["requests"], **counts, "cost": cost}
