"""Secrets stay out of logs and error pages: those that look like one and, wherever they stand, those that
are known."""

import logging
import re
from html import escape

STARS = "********************"
# A shorter one is a word, such as "none": it would be starred out of everything.
LEAST_CHARACTERS = 8
# OpenAI's keys, and what stands in a header; Fernet's tokens and keys; a password in an address or in the
# words that connect to Postgres, and the session of a cookie.
LOOKS = (
    r"\bsk-[\w*-]{6,}|(?<=Bearer )[\w.~+/*=-]{6,}|\bgAAAA[\w=-]{60,}|(?<![\w-])[\w-]{43}=(?![\w=])"
    r"|(?<=://)[^\s/@'\"<>]+(?=@)|(?<=password=)[^\s'\"&;]+|(?<=sessionid=)[^\s'\"&;]+"
)

_known: set[str] = set()
_pattern = re.compile(LOOKS)


def learn(*secrets: str) -> None:
    """From now on these are nowhere to be read, whatever holds them."""
    global _pattern  # noqa: PLW0603 one memory a process
    new = {one for one in secrets if len(one) >= LEAST_CHARACTERS} - _known
    if new:
        _known.update(new)
        # As they are, in HTML, and in quotes.
        forms = {form for one in _known for form in (one, escape(one), repr(one)[1:-1])}
        longest_first = sorted(forms, key=len, reverse=True)
        _pattern = re.compile("|".join([*map(re.escape, longest_first), LOOKS]))


def hidden(text: str) -> str:
    return _pattern.sub(STARS, text)


class Line(logging.Formatter):
    """Of a log. A library may quote what it was called with, and a traceback what it stumbled over."""

    def format(self, record: logging.LogRecord) -> str:
        return hidden(super().format(record))
