"""Secrets stay out of logs and error pages: those that look like one and, wherever they stand, those that
are known."""

import logging
import re
from collections.abc import Iterator
from html import escape
from typing import Any

from pydantic_core import ValidationError

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
# What these quote are names of ours; `KeyError: 'what somebody wrote'` is another matter.
ABOUT_CODE = (AttributeError, ImportError, NameError, TypeError, OSError)
QUOTED = re.compile(r"""b?(?:"(?:[^"\\]|\\.)*"|(?<!\w)'(?:[^'\\]|\\.)*')""", re.DOTALL)

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
        """Where it happened is told, and what kind of thing; not what somebody wrote that led to it."""
        text = super().formatException(ei)
        # Django says again what Postgres has said, and does not know that it is about a value.
        for problem in sorted(_all_of(ei[1]), key=lambda one: not hasattr(one, "sqlstate")):
            said = str(problem)
            if said and (plain := _without_values(problem)) != said:
                text = text.replace(said, plain)
        return text


def _all_of(problem: BaseException | None) -> Iterator[BaseException]:
    """With those that it came of, and those that it is a group of."""
    waiting, seen = [problem], set[int]()
    while waiting:
        one = waiting.pop()
        if one is None or id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        waiting += [one.__cause__, one.__context__, *getattr(one, "exceptions", ())]


def _without_values(problem: BaseException) -> str:
    """What can be said of it without quoting anybody."""
    state = getattr(problem, "sqlstate", None)
    if state and state[:2] in REFUSED_VALUES:
        where = problem.diag  # type: ignore[attr-defined]
        named = (where.table_name, where.column_name, where.constraint_name)
        return " ".join(["SQLSTATE", state, *(name for name in named if name)])
    if isinstance(problem, ValidationError):
        kinds = sorted({one["type"] for one in problem.errors(include_url=False)})
        return f"{problem.title}: {', '.join(kinds)}"
    return str(problem) if isinstance(problem, ABOUT_CODE) else QUOTED.sub(STARS, str(problem))
