"""A call is put right by another row, which holds what has to be added to it; the row itself stays.

It is booked when it is made. What was reckoned up before, such as a month, does not change.
"""

from collections.abc import Mapping

from django.db.models import Q, Sum

from conversations.models import ProviderCall

COUNTED = (
    "input_tokens",
    "cached_input_tokens",
    "image_tokens",
    "output_tokens",
    "reasoning_tokens",
    "cost_micros",
)
CORRECTION = "correction"
SAME = ("user_id", "conversation", "run", "purpose", "prompt", "provider", "model")


def standing(call: ProviderCall) -> dict[str, int | None]:
    """What a call comes to with all that put it right. None: nobody knows."""
    rows = ProviderCall.objects.filter(Q(pk=call.pk) | Q(corrects=call.pk))
    return rows.aggregate(**{name: Sum(name) for name in COUNTED})


def nothing_of(call: ProviderCall) -> dict[str, int | None]:
    """What a call comes to that should never have been on the ledger."""
    return {name: None if value is None else 0 for name, value in standing(call).items()}


def correct(call: ProviderCall, right: Mapping[str, int | None], note: str) -> ProviderCall | None:
    """Put `call` right, so that it comes to what `right` says. None: it does already.

    Where `right` says nothing, nothing changes. Of two who do so at once one waits.
    """
    ProviderCall.objects.select_for_update().get(pk=call.pk)
    known = standing(call)
    more = {
        name: value - (known[name] or 0)
        for name, value in right.items()
        if value is not None and value != known[name]
    }
    if not more:
        return None
    same = {name: getattr(call, name) for name in SAME}
    return ProviderCall.objects.create(
        **same, **more, attempt=None, corrects=call.pk, outcome=CORRECTION, detail=note
    )
