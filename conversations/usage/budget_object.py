"""How a budget stands, as programs and the page are told (docs/protocol.md)."""

from conversations.models.budgets import Measure
from conversations.reading.costs import shown
from conversations.reading.moments import when
from conversations.reading.objects import Object
from conversations.usage.standing import Standing


def budget_object(standing: Standing) -> Object:
    amounts = {
        "limit": standing.limit,
        "used": standing.used,
        "reserved": standing.reserved,
        "left": standing.left,
    }
    return {
        "scope": standing.scope,
        "name": standing.name,
        "measure": standing.measure,
        "period": standing.period,
        "renews_at": when(standing.renews_at),
        "state": standing.state,
        **{name: _told(standing.measure, amount) for name, amount in amounts.items()},
    }


def _told(measure: str, amount: int) -> str | int | None:
    if measure != Measure.MONEY:
        return amount
    return shown(amount)
