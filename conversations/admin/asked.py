"""What the address of the desk's first page asks for: a range of time, and of whom or what."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import BadRequest
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from conversations import oversight
from conversations.admin.table import reader
from conversations.ids import parsed
from conversations.review.dashboard import Scope
from conversations.usage import periods
from conversations.usage.periods import Period

USUAL = "30d"
# What a link of the page may say beside the range.
NARROWER = ("model", "provider", "purpose", "person", "group")
LONGEST = 100


@dataclass(slots=True)
class Asked:
    period: Period
    scope: Scope
    # One of periods.NAMES, or "own".
    range: str
    said: dict[str, str] = field(default_factory=dict)
    # What is wrong with a range of one's own.
    wrong: str = ""

    def link(self, **other: Any) -> str:
        """The same page with something else asked; None: not any more."""
        said = {**self.said, **other}
        return "?" + urlencode({name: value for name, value in said.items() if value})


def asked(request: HttpRequest) -> Asked:
    said = {name: request.GET[name] for name in NARROWER if request.GET.get(name)}
    scope = _scope(request, said)
    range = request.GET.get("range") or USUAL
    if range == "own":
        return _own(request, scope, said)
    if range not in periods.NAMES:
        raise BadRequest(_("There is no such range of time."))
    return Asked(periods.named(range, timezone.now()), scope, range, {"range": range, **said})


def _scope(request: HttpRequest, said: dict[str, str]) -> Scope:
    if any(len(value) > LONGEST for value in said.values()):
        raise BadRequest(_("This is too long for a name."))
    person, group = said.get("person"), said.get("group")
    id = parsed(person) if person else None
    if (person and id is None) or (group and not (group.isascii() and group.isdigit())):
        raise BadRequest(_("There is no such person or group."))
    who = reader(request)
    return Scope(
        model=said.get("model", ""),
        provider=said.get("provider", ""),
        purpose=said.get("purpose", ""),
        person=id,
        # A number that no group can have finds none, and asks Postgres for none.
        group=min(int(group[:10]), 2**31 - 1) if group else None,
        seen=oversight.sight_of(who),
    )


def _own(request: HttpRequest, scope: Scope, said: dict[str, str]) -> Asked:
    """A range of one's own is typed: what is wrong with it is said where it stands."""
    days = {name: request.GET.get(name, "")[:LONGEST] for name in ("from", "to")}
    said = {"range": "own", **days, **said}
    try:
        period = periods.between(*(date.fromisoformat(day) for day in days.values()))
    except ValueError:
        wrong = _("Give two days, the earlier one first.")
        return Asked(periods.named(USUAL, timezone.now()), scope, "own", said, wrong)
    return Asked(period, scope, "own", said)
