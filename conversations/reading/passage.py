"""What was found, shown where it stands: a few words around it, in segments. Nothing here is HTML."""

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

Segment = dict[str, Any]

BEFORE = 60  # characters of a passage in front of the first word that was found
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
    """The words around the first place where most was found, with those that were found told apart."""
    plain = folded(text)
    places = [found.span() for found in marks.finditer(plain)] if marks else []
    start, end = _window(text, places)
    inside = [place for place in places if start <= place[0] and place[1] <= end]
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


def _window(text: str, places: list[tuple[int, int]]) -> tuple[int, int]:
    """From where to where: as many places as fit, the first such; cut between words."""
    if not places:
        return 0, _word_end(text, LENGTH)
    best = max(range(len(places)), key=lambda n: (_within(places, n), -n))
    start = max(0, places[best][0] - BEFORE)
    if start:
        space = text.find(" ", start, places[best][0])
        start = space + 1 if space >= 0 else places[best][0]
    return start, _word_end(text, max(start + LENGTH, places[best][1]))


def _within(places: list[tuple[int, int]], first: int) -> int:
    reach = places[first][0] + LENGTH - BEFORE
    return sum(1 for start, end in places[first : first + 20] if end <= reach)


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
