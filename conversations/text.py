"""What Postgres and people cannot read is taken out of text here, once, at each door."""

import re

from django.utils.formats import number_format
from django.utils.translation import ngettext

# Postgres refuses NUL in text; UTF-8 has no form for half a surrogate pair.
UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
SPACE = re.compile(r"\s+")
PAIR = re.compile("[\ud800-\udbff][\udc00-\udfff]")

TITLE_CHARACTERS = 60


def ngettext_noop(one: str, many: str) -> tuple[str, str]:
    """One and many of a thing, for the translators."""
    return one, many


SECONDS = ngettext_noop("{} second", "{} seconds")
UNITS = (
    (86_400, ngettext_noop("{} day", "{} days")),
    (3_600, ngettext_noop("{} hour", "{} hours")),
    (60, ngettext_noop("{} minute", "{} minutes")),
)


def clean(text: str) -> str:
    """`text` without NUL; a surrogate pair becomes its character, a lone half goes."""
    if _can_be_kept(text):
        return text
    return UNSTORABLE.sub("", PAIR.sub(_joined, text))


def _can_be_kept(text: str) -> bool:
    """As UNSTORABLE says. It would hold up every stream for 16 ms to look through a whole book."""
    if "\0" in text:
        return False
    try:
        return text.isascii() or bool(text.encode())
    except UnicodeEncodeError:
        return False


def _joined(pair: re.Match[str]) -> str:
    return pair.group().encode("utf-16", "surrogatepass").decode("utf-16")


def first_words(text: str, characters: int = TITLE_CHARACTERS) -> str:
    """The beginning of `text` on one line, cut between words, at most `characters` long."""
    line = SPACE.sub(" ", text[: characters * 8]).strip()
    if len(line) <= characters:
        return line
    cut = line[: characters - 1]
    return (cut.rsplit(" ", 1)[0] if " " in cut[characters // 2 :] else cut).rstrip(" ,.;:-") + "…"


def span(seconds: int) -> str:
    """So long, as people say it: in the unit that needs no arithmetic."""
    for size, unit in UNITS:
        if seconds >= 1.5 * size or seconds == size:
            return _counted(round(seconds / size), unit)
    return _counted(seconds, SECONDS)


def spoken_count(count: int, unit: tuple[str, str]) -> str:
    """So many of a thing, thousands apart."""
    return ngettext(*unit, count).format(number_format(count, force_grouping=True))


def _counted(count: int, unit: tuple[str, str]) -> str:
    return ngettext(*unit, count).format(count)
