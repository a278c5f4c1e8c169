"""How it stands with a provider that fails, as the list of providers says it."""

from django.utils import timezone
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _

from conversations.admin.columns import State, moment
from conversations.models import Provider

LEFT_ALONE = _("left alone since {since}, until {until}")
TRIED = _("left alone since {since}; the next question tries it")
KEY_REFUSED = _("refuses the key since {since}")
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


def last_error_of(provider: Provider) -> str:
    row = getattr(provider, "circuit", None)
    return Truncator(row.error if row else "").chars(ERROR_CHARACTERS) or "–"
