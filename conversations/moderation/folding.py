"""Text as patterns see it: without capitals and accents, its punctuation ASCII, signs apart from words.

So what is beside a word is always ASCII, and one small class of RE2's tells where it ends: a class of all the
letters there are would be hundreds of states for each term.
"""

import unicodedata

# Folding holds the interpreter for as long as it takes: nobody waits longer than for a piece of this.
PIECE_CHARACTERS = 65_536
# Somebody who sends every character there is would else have 200 MB of each process for good.
KNOWN = 32_768


class _Table(dict[int, str]):
    """Each character that was met, as it is folded: no more of them than people write with."""

    def __missing__(self, code: int) -> str:
        plain = unicodedata.normalize("NFKD", chr(code).casefold())
        said = "".join(map(_sign, plain))
        if len(self) < KNOWN:
            self[code] = said
        return said


def _sign(sign: str) -> str:
    kind = unicodedata.category(sign)
    if kind[0] == "M" or kind == "Cf":
        return ""
    if sign < "\x80" or sign.isalnum():
        return sign.lower()
    return " " if kind[0] in "PZ" else f" {sign} "


_table = _Table()


def folded(text: str) -> str:
    if text.isascii():
        return text.lower()
    starts = range(0, len(text), PIECE_CHARACTERS)
    return "".join(text[start : start + PIECE_CHARACTERS].translate(_table) for start in starts)
