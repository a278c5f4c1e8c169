"""Counts and sums as subqueries: asked for the rows of the page, not for the whole table."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.contrib import admin
from django.db.models import Count, IntegerField, OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from conversations.errors import Words
from conversations.reading.costs import dollars
from conversations.usage.numbers import spoken


class State(NamedTuple):
    """How it stands with something, and how that is meant: `good`, `quiet` (by choice), `warn` or `bad`."""

    words: str
    tone: str


def shown(state: State) -> SafeString:
    """In words, and in a colour that is found at a glance."""
    return format_html('<span class="desk-state desk-{}">{}</span>', state.tone, state.words)


def counted(rows: QuerySet[Any], field: str) -> Coalesce:
    """How many of `rows` belong, by their `field`, to each row of the list."""
    mine = rows.filter(**{field: OuterRef("pk")}).order_by().values(field)
    number = Subquery(mine.annotate(number=Count("pk")).values("number"))
    return Coalesce(number, 0, output_field=IntegerField())


def summed(rows: QuerySet[Any], field: str, column: str) -> Subquery:
    """The sum of a column of those `rows`; None where none has a value."""
    mine = rows.filter(**{field: OuterRef("pk")}).order_by().values(field)
    return Subquery(mine.annotate(total=Sum(column)).values("total"))


def transcript(conversation: UUID, message: UUID) -> str:
    """The address of a message in its transcript."""
    address = reverse("admin:conversations_conversation_change", args=[conversation])
    return f"{address}?message={message}#m-{message}"


def way_to(conversation: UUID, message: UUID) -> SafeString:
    return format_html('<a href="{}">{}</a>', transcript(conversation, message), _("Read"))


def money(micros: int | None) -> str:
    cost = dollars(micros)
    return "–" if cost is None else f"${spoken(cost)}"


def moment(value: datetime | None) -> str:
    return f"{timezone.localtime(value):%Y-%m-%d %H:%M:%S}" if value else "–"


def at(field: str, words: Words) -> Callable[[Any, Any], str]:
    """A column of a moment, for tables: what Django makes of one is in the form of letters."""

    @admin.display(description=words, ordering=field)
    def said(_table: Any, row: Any) -> str:
        return moment(getattr(row, field))

    return said


def amount(field: str, words: Words) -> Callable[[Any, Any], str]:
    """A column of a number, in groups of three."""

    @admin.display(description=words, ordering=field)
    def said(_table: Any, row: Any) -> str:
        return number(getattr(row, field))

    return said


def seconds(value: float | None) -> str:
    return "–" if value is None else f"{spoken(f'{value:.2f}')} s"


def number(value: int | None) -> str:
    return "–" if value is None else spoken(str(value))
