"""What the caller has used."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Literal

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from ninja import Query, Router

from conversations.api.answers import listed
from conversations.api.own_shapes import Used
from conversations.api.shapes import Page
from conversations.api.signed_in import caller
from conversations.db import in_transaction
from conversations.errors import Invalid
from conversations.usage.reports import used

router = Router(tags=["usage"])

From = Query(alias="from", description="A day or a moment.")  # type: ignore[type-arg]
To = Query(alias="to", description="A day, included, or a moment, not included.")  # type: ignore[type-arg]

DAY = timedelta(days=1)
NO_MOMENT = _("Give a date such as 2026-11-21, or a date and time such as 2026-11-21T10:00:00Z.")


@router.get("/usage", response=Page[Used], summary="What you have used")
def usage(
    request: HttpRequest,
    begin: Annotated[str | None, From] = None,
    end: Annotated[str | None, To] = None,
    group: Literal["day", "model", "purpose"] = "day",
) -> HttpResponse:
    """Days begin at midnight UTC; a time without an offset is UTC."""
    first = _moment("from", begin, timedelta())
    last = _moment("to", end, DAY)
    return listed(in_transaction(used, caller(request), group, first, last))


def _moment(name: str, text: str | None, after_a_day: timedelta) -> datetime | None:
    """`text` as a moment; a whole day is its midnight and `after_a_day`."""
    if not text:
        return None
    try:
        moment = _parsed(text, after_a_day)
    except (ValueError, OverflowError):
        raise Invalid(NO_MOMENT, fields={name: [NO_MOMENT]}) from None
    if moment.date() == date.max:  # days are counted by their ends, and this one has none
        raise Invalid(NO_MOMENT, fields={name: [NO_MOMENT]})
    return moment


def _parsed(text: str, after_a_day: timedelta) -> datetime:
    try:
        return datetime.combine(date.fromisoformat(text), time.min, UTC) + after_a_day
    except ValueError:
        # An offset's plus sign that nobody escaped arrives as a space.
        moment = datetime.fromisoformat(text.replace(" ", "+") if "T" in text else text)
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
