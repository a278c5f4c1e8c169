"""Terms become one automaton that reads a text once: RE2, which knows no way to take longer.

A term is made an expression of RE2's (https://github.com/google/re2/wiki/Syntax). What is written as words is
quoted, so nothing in it means anything; expressions are taken as they are, folded as the text is.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import re2

from conversations.models.moderation import Pattern, PatternKind
from conversations.moderation.folding import folded

# What the automaton may take in memory; beyond it RE2 forgets states and goes on.
MEMORY_BYTES = 64 * 1024 * 1024
# RE2 counts repetitions out: one term is not to fill its memory alone.
TERM_CHARACTERS = 1_000
# What is no letter, digit or underscore: of folded text that is always ASCII (folding.py).
BESIDE = r"\x00-/:-@\[-^`{-\x7f"
BEFORE, AFTER = rf"(?:^|[{BESIDE}])", rf"(?:$|[{BESIDE}])"
LETTERS, BETWEEN = rf"[^{BESIDE}]*", rf"[{BESIDE}]+"
# Escapes whose capital means the opposite stay as they are when an expression is folded.
ESCAPE = re.compile(
    r"\\(?:[pP](?:\{[^}]*\}|.)|x(?:\{[^}]*\}|..)|.)|\(\?[a-zA-Z:<>=!-]*|\[\[:\^?\w+:\]\]", re.DOTALL
)


class Unusable(ValueError):
    """A term that is no expression, or too long: its first argument is the term's number, from 1; 0: they are
    too much together."""


@dataclass(frozen=True, slots=True)
class Matcher:
    """Of several patterns at once. Reading a text lets other threads run."""

    patterns: Sequence[Pattern]
    # Of each term, the number of its pattern.
    owners: Sequence[int]
    automaton: Any

    def hits(self, texts: Iterable[str]) -> list[Pattern]:
        """Those of which something stands in one of `texts`, in their order."""
        found = {self.owners[term] for text in texts for term in self._terms(text)}
        return [self.patterns[number] for number in sorted(found)]

    def _terms(self, text: str) -> list[int]:
        return self.automaton.Match(folded(text)) or [] if text and self.owners else []


def matcher_of(patterns: Sequence[Pattern]) -> Matcher:
    """Raises Unusable, for the first term that RE2 does not take."""
    automaton = re2.Set.SearchSet(_options())
    owners: list[int] = []
    for number, pattern in enumerate(patterns):
        for expression in expressions(pattern):
            automaton.Add(expression)
            owners.append(number)
    if owners:
        _compile(automaton)
    return Matcher(patterns, owners, automaton)


def _compile(automaton: Any) -> None:
    try:
        automaton.Compile()
    except re2.error as problem:
        raise Unusable(0, str(problem)) from problem


def expressions(pattern: Pattern) -> Iterator[str]:
    for number, term in enumerate(terms(pattern.terms), 1):
        expression = _expression(pattern.kind, folded_expression(term))
        try:
            if len(term) > TERM_CHARACTERS:
                raise Unusable(number, "")
            re2.compile(expression, _options())
        except re2.error as problem:
            raise Unusable(number, str(problem)) from problem
        yield expression


def terms(written: str) -> list[str]:
    """One a line; empty lines and those that begin with # say nothing."""
    lines = (line.strip() for line in written.splitlines())
    return [line for line in lines if line and not line.startswith("#")]


def _expression(kind: str, term: str) -> str:
    if kind == PatternKind.EXPRESSIONS:
        return term
    words = [LETTERS.join(map(_quoted, word.split("*"))) for word in term.split()]
    said = BETWEEN.join(words)
    return said if kind == PatternKind.PARTS else f"{BEFORE}{said}{AFTER}"


def _quoted(words: str) -> str:
    return str(re2.escape(words))


def folded_expression(term: str) -> str:
    """Letters folded as texts are, and what only looks like one left alone."""
    parts, end = [], 0
    for kept in ESCAPE.finditer(term):
        parts += [folded(term[end : kept.start()]), kept.group()]
        end = kept.end()
    return "".join([*parts, folded(term[end:])])


def _options() -> Any:
    options = re2.Options()
    options.max_mem = MEMORY_BYTES
    options.log_errors = False  # it would write people's terms to the log
    return options
