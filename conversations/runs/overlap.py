"""A model that goes on with a broken answer often says its last words again: they are taken out here.

The first pieces are held back until they can no longer be a repetition. What is dropped is only ever
the beginning of what the model sent now, and only where it is the end of what was there.
"""

import re

# No more than this is held back, or compared: a sentence or two.
WINDOW = 200
# Shorter repetitions are more often meant than not: “very, very”, “}\n}\n”, “| --- |”. Eight
# characters from the beginning of a word on, six of them letters or digits, hardly ever follow
# themselves in a text, and models that repeat themselves repeat at least so much.
SHORTEST = 8
TELLING = 6
# A word that broke off, or was the last, is begun again: “spo” and “spokes have”. Without a space between
# them nothing else can be meant, but for the likes of “bonbon”. Only for letters that know upper and
# lower case; other scripts do without spaces.
WORD = 3
# What models put before they go on; and what may still become it.
LEAD = re.compile(r"\s{0,8}(?:…|\.\.\.)?\s{0,8}")
HALF_A_LEAD = re.compile(r"\s{0,8}\.{1,2}")


class Overlap:
    """What may be shown of a stream that goes on with `before`."""

    def __init__(self, before: str) -> None:
        self._tail = before[-WINDOW:]
        self._ends = _beginnings_of_words(before[-WINDOW - 1 :], len(self._tail))
        self._word = _last_word(self._tail)
        self._held = ""
        self.decided = not (self._ends or self._word)

    def take(self, text: str) -> str:
        """What of `text`, and of what was held back before it, can be shown."""
        if self.decided:
            return text
        self._held += text
        return "" if self._may_repeat() else self.rest()

    def rest(self) -> str:
        """No more comes, or it takes too long: what was held back, without the repetition."""
        held, self._held, self.decided = self._held, "", True
        lead = _lead(held)
        for end in self._candidates(lead):  # the longest first
            if held.startswith(end, lead):
                return held if self._was_repeated(end) else held[lead + len(end) :]
        return held

    def _was_repeated(self, end: str) -> bool:
        """Rows of zeros, closing tags, a refrain: where it was said twice before, it is said on purpose."""
        return self._tail.find(end) < len(self._tail) - len(end) or end in (end + end)[1:-1]

    def _may_repeat(self) -> bool:
        """Whether what is held may yet grow into a repetition, or into a longer one."""
        if HALF_A_LEAD.fullmatch(self._held):
            return True
        lead = _lead(self._held)
        said = self._held[lead:]
        candidates = self._candidates(lead)
        return any(len(end) > len(said) and end.startswith(said) for end in candidates)

    def _candidates(self, lead: int) -> list[str]:
        """The ends of what was there that would be a repetition, behind a lead of that length."""
        ends = [self._tail[at:] for at in self._ends]
        return ends if lead or not self._word else [*ends, self._word]


def _last_word(text: str) -> str:
    """The word that `text` ends in, if it is one that is not said twice by intent."""
    at = len(text)
    while at and text[at - 1].isalnum():
        at -= 1
    word = text[at:]
    has_case = all(letter.lower() != letter.upper() for letter in word)
    return word if len(word) >= WORD and has_case else ""


def _lead(text: str) -> int:
    found = LEAD.match(text)
    return found.end() if found else 0


def _beginnings_of_words(text: str, length: int) -> list[int]:
    """Where in the last `length` characters of `text` an end begins that tells something."""
    skipped = len(text) - length
    return [
        at
        for at in range(length)
        if _begins_word(text, skipped + at) and _tells(text[skipped + at :])
    ]


def _begins_word(text: str, at: int) -> bool:
    return not text[at].isspace() and (
        at == 0 or not (text[at].isalnum() and text[at - 1].isalnum())
    )


def _tells(end: str) -> bool:
    return len(end) >= SHORTEST and sum(map(str.isalnum, end)) >= TELLING
