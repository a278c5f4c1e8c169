"""A place in a list that is ordered by a moment and then by id, as the cursor that leads on from it."""

from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from django.db.models import Model, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from conversations.errors import Invalid
from conversations.ids import parsed

PAGE = 50
MOST = 200

Row = TypeVar("Row", bound=Model)


def paged(
    rows: QuerySet[Row], moment: str, cursor: str | None, limit: int
) -> tuple[list[Row], str | None]:
    """One page, what has the latest `moment` first, and the cursor to the next. Raises Invalid."""
    if cursor:
        at, id = _place(cursor)
        earlier: dict[str, Any] = {f"{moment}__lt": at}
        rows = rows.filter(Q(**earlier) | Q(**{moment: at}, pk__lt=id))
    page = list(rows.order_by(f"-{moment}", "-pk")[: limit + 1])
    more = len(page) > limit
    return page[:limit], _cursor(page[limit - 1], moment) if more else None


def _cursor(last: Model, moment: str) -> str:
    return f"{getattr(last, moment).isoformat()}~{last.pk}"


def _place(cursor: str) -> tuple[datetime, UUID]:
    moment, _mark, id = cursor.partition("~")
    found = parsed(id)
    try:
        at = datetime.fromisoformat(moment.replace(" ", "+"))
    except ValueError:
        found = None
    if found is None or at.tzinfo is None:
        raise Invalid(_("This place in the list is not known."), fields={"cursor": ["not known"]})
    return at, found
