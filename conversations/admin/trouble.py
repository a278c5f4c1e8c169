"""How it stands with a provider that fails, as the list of providers says it."""

from django.utils import timezone
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _

from conversations.admin.columns import State, moment
from conversations.models import Circuit, Provider

LEFT_ALONE = _("left alone since {since}, until {until}")
TRIED = _("left alone since {since}; the next question tries it")
KEY_REFUSED = _("refuses the key since {since}")
NOW = _("{moment}: {error}")
PAST = _("{moment}, over since: {error}")
ERROR_CHARACTERS = 200


def trouble_with(provider: Provider) -> State | None:
    """Since when, and how long still."""
    row = getattr(provider, "circuit", None)
    if row is None:
        return None
    if row.opened_at is not None:
        since, until = moment(row.opened_at), moment(row.left_until)
        is_over = row.is_tried or row.left_until <= timezone.now()
        told = (TRIED if is_over else LEFT_ALONE).format(since=since, until=until)
        return State(told, "warn" if is_over else "bad")
    if row.key_refused_at is None:
        return None
    return State(KEY_REFUSED.format(since=moment(row.key_refused_at)), "bad")


def error_of(provider: Provider) -> str:
    """What it says while there is trouble with it. For a list: the newest alone tells nothing of now."""
    row = getattr(provider, "circuit", None)
    return "–" if row is None or _is_over(row) else _said(row)


def last_error_of(provider: Provider) -> str:
    """The newest, with its time, and whether it is still so."""
    row = getattr(provider, "circuit", None)
    if row is None or not row.error:
        return "–"
    if row.error_at is None:
        return _said(row)  # it is from before times were kept
    told = PAST if _is_over(row) else NOW
    return told.format(moment=moment(row.error_at), error=_said(row))


def _is_over(row: Circuit) -> bool:
    return row.opened_at is None and row.key_refused_at is None


def _said(row: Circuit) -> str:
    return Truncator(row.error).chars(ERROR_CHARACTERS) or "–"
