"""Before a process begins that writes pictures: whether it could."""

from django.conf import settings
from django.core.management.base import CommandError

from chatsite.secret import unwritable

# It would serve pages or write answers, and fail at the first picture.
UNWRITABLE = (
    "{place} cannot be written. Make it writable for the account of the site, or set"
    " CHATSITE_DATA_DIR to a directory that is."
)


def looked_at() -> None:
    """Raises CommandError with a sentence."""
    if place := unwritable(settings.DATA_DIR):
        raise CommandError(UNWRITABLE.format(place=place))
