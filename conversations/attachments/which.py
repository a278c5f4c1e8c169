"""Of several pictures or files that came together, the one that a refusal is about."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager

from django.utils.translation import gettext_lazy as _

from conversations.errors import Invalid, NotAllowed, TooLarge, UnsupportedImage, Words

PICTURE = _("Picture {number} of {of}: {problem}")
FILE = "{name}: {problem}"
# What can be wrong with one of them. That the site is busy, or its disk full, is about all.
OF_ONE = (Invalid, NotAllowed, TooLarge, UnsupportedImage)


def picture(position: int, of: int, *, field: str = "file") -> AbstractContextManager[None]:
    return _told(field, PICTURE if of > 1 else None, number=position + 1, of=of)


def file(name: str, of: int) -> AbstractContextManager[None]:
    return _told("file", FILE if of > 1 else None, name=name)


@contextmanager
def _told(field: str, words: Words | None, **names: object) -> Iterator[None]:
    """A refusal inside is about `field`. Where there is one alone, it says itself."""
    try:
        yield
    except OF_ONE as refusal:
        kind = next(kind for kind in OF_ONE if isinstance(refusal, kind))
        told = {**names, "problem": refusal} if words else refusal.names
        words = words or refusal.args[0]
        raise kind(words, names=told, fields={field: [words]}) from refusal
