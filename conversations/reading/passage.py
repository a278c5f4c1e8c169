"""What was found, shown where it stands: a few words around it, in segments. Nothing here is HTML."""

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

Segment = dict[str, Any]

BEFORE = 40  # characters of a passage in front of the first word that was found
NEAR = 20  # places that are looked at together
LENGTH = 220
# A word that goes on so much longer than its stem is another one: `run` is not `runabout`.
ENDING = 4
SPACE = re.compile(r"\s+")
# So many different words are marked; a search has fewer.
MARKED = 60


class Folding(dict[int, int]):
    """One character for one, so that places stay: as `chatsite_folded` does it, where that is possible."""

    def __missing__(self, point: int) -> int:
        plain = unicodedata.normalize("NFKD", chr(point))[:1].lower()
        self[point] = ord(plain) if len(plain) == 1 else point
        return self[point]


FOLDING = Folding()


def folded(text: str) -> str:
    return text.lower() if text.isascii() else text.translate(FOLDING)


@lru_cache(64)
def pattern(words: tuple[str, ...], parts: tuple[str, ...]) -> re.Pattern[str] | None:
    """Words, which begin where a word begins, and parts, which stand anywhere. Both are folded."""
    longest = sorted(dict.fromkeys(words), key=len, reverse=True)[:MARKED]
    either = [rf"(?<!\w){re.escape(word)}\w{{0,{ENDING}}}(?!\w)" for word in longest]
    either += [re.escape(part) for part in dict.fromkeys(parts) if part]
    return re.compile("|".join(either)) if either else None


def passage(text: str, marks: re.Pattern[str] | None) -> list[Segment]:
    """The words around the place where most was found, with those that were found told apart."""
    found = list(marks.finditer(folded(text))) if marks else []
    start, end = _window(text, found)
    inside = [place.span() for place in found if start <= place.start() and place.end() <= end]
    segments = list(_segments(text, start, end, inside))
    if start > 0:
        segments.insert(0, _segment("…"))
    if end < len(text):
        segments.append(_segment("…"))
    return segments


def marked(text: str, marks: re.Pattern[str] | None) -> list[Segment]:
    """All of a short text, such as a title."""
    places = [found.span() for found in marks.finditer(folded(text))] if marks else []
    return list(_segments(text, 0, len(text), places))


def _window(text: str, found: list[re.Match[str]]) -> tuple[int, int]:
    """From where to where: as many different words as fit, as close as they stand; cut between words."""
    if not found:
        return 0, _word_end(text, LENGTH)
    first = max(range(len(found)), key=lambda number: _worth(found, number)) if found[1:] else 0
    begins, ends = found[first].span()
    start = max(0, begins - BEFORE)
    if start:
        space = text.find(" ", start, begins)
        start = space + 1 if space >= 0 else begins
    return start, _word_end(text, max(start + LENGTH, ends))


def _worth(found: list[re.Match[str]], first: int) -> tuple[int, int]:
    """How many different words stand within a passage from here on, and how close they are."""
    begins = found[first].start()
    words: set[str] = set()
    reach = 0
    for place in found[first : first + NEAR]:
        length = place.end() - begins
        if length <= LENGTH - BEFORE and place.group() not in words:
            words.add(place.group())
            reach = length
    return len(words), -reach


def _word_end(text: str, end: int) -> int:
    if end >= len(text):
        return len(text)
    space = text.rfind(" ", max(0, end - 30), end)
    return space if space > 0 else end


def _segments(
    text: str, start: int, end: int, places: Iterable[tuple[int, int]]
) -> Iterable[Segment]:
    for first, last in places:
        if first > start:
            yield _segment(text[start:first])
        yield _segment(text[first:last], match=True)
        start = last
    if start < end:
        yield _segment(text[start:end])


def _segment(text: str, *, match: bool = False) -> Segment:
    return {"text": SPACE.sub(" ", text), "match": match}
