"""Secrets stay out of logs and error pages: those that look like one and, wherever they stand, those that
are known."""

import logging
import re
from html import escape
from typing import Any

STARS = "********************"
# A shorter one is a word, such as "none": it would be starred out of everything.
LEAST_CHARACTERS = 8
# OpenAI's keys, and what stands in a header; Fernet's tokens and keys; a password in an address or in the
# words that connect to Postgres, and the session of a cookie.
LOOKS = (
    r"\bsk-[\w*-]{6,}|(?<=Bearer )[\w.~+/*=-]{6,}|\bgAAAA[\w=-]{60,}|(?<![\w-])[\w-]{43}=(?![\w=])"
    r"|(?<=://)[^\s/@'\"<>]+(?=@)|(?<=password=)[^\s'\"&;]+|(?<=sessionid=)[^\s'\"&;]+"
)
# Classes of Postgres' SQLSTATE: data that cannot be, and data that breaks a constraint.
REFUSED_VALUES = ("22", "23")

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

    def formatException(self, ei: Any) -> str:  # noqa: N802 logging's own name
        """Postgres quotes the value that it refuses, and the row in which it stands."""
        text = super().formatException(ei)
        problem: BaseException | None = ei[1]
        while problem is not None:
            if plain := _without_values(problem):
                text = text.replace(str(problem), plain)
            problem = problem.__cause__ or problem.__context__
        return text


def _without_values(problem: BaseException) -> str | None:
    """What else can be said of a refused value; None: of something else, which quotes nobody."""
    state = getattr(problem, "sqlstate", None)
    if not state or state[:2] not in REFUSED_VALUES:
        return None
    where = problem.diag  # type: ignore[attr-defined]
    named = (where.table_name, where.column_name, where.constraint_name)
    return " ".join(["SQLSTATE", state, *(name for name in named if name)])
