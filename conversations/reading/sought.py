"""A search as Postgres understands it: words and their stems, signs that count, parts of words, marks."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db import connection

from conversations.models import User
from conversations.reading.passage import folded, pattern
from conversations.reading.wanted import Term, Wanted

# Postgres knows parts of words by threes of letters. What a letter is depends on the locale of the
# database: where it is C, those of English alone. A part without any would have it read the whole index,
# everybody's, for many seconds in which it cannot be stopped.
PART_LETTERS = 3
THREES_OF_THREE = 4  # of `abc`: "  a", " ab", "abc" and "bc "
# Of a large index, shorter beginnings of words would be half.
BEGINNING_LETTERS = 3

QUERIES = """
SELECT chatsite_asked(term, open)::text, cardinality(show_trgm(three))
  FROM unnest(%s::text[], %s::bool[], %s::text[]) AS t(term, open, three)
"""
LEXEME = re.compile(r"'((?:[^']|'')+)'")
NEXT_TO = re.compile(r"<(?:-|\d+)>")
THREE = re.compile(rf"[^\W_]{{{PART_LETTERS}}}")


@dataclass(slots=True)
class Sought:
    """`queries` are the terms' own, empty for those without a letter; `marks` what the owner adds.
    `has_threes`: the index knows three letters of each term."""

    wanted: Wanted
    owner: str
    queries: list[str] = field(default_factory=list)
    has_threes: bool = True

    @property
    def pairs(self) -> list[tuple[Term, str]]:
        return [pair for pair in zip(self.wanted.terms, self.queries, strict=True) if pair[1]]

    @property
    def words(self) -> str:
        """What is to be there, for the weight of a place."""
        return _all(query for term, query in self.pairs if not term.excluded)

    @property
    def exact(self) -> str:
        return _all([self.owner, *self.filters, self.words, *self.unwanted])

    @property
    def rough(self) -> str:
        """What the index can say by itself: words without their order, and no very short beginnings."""
        queries = [_rough(term, query) for term, query in self.pairs if not term.excluded]
        return _all([self.owner, *self.filters, *queries, *self.unwanted])

    @property
    def is_exact_in_index(self) -> bool:
        """False for phrases and very short beginnings: what the index gives has yet to be compared."""
        return self.rough == self.exact

    @property
    def each(self) -> list[str]:
        """Each of the words by itself; none where one has no letters to be looked up by."""
        if len(self.pairs) < len(self.wanted.terms):
            return []
        return [_rough(term, query) for term, query in self.pairs if not term.excluded]

    @property
    def beside(self) -> str:
        """All but the words, which are looked for as parts."""
        return _all([self.owner, *self.filters, *self.unwanted])

    @property
    def titled(self) -> str:
        return _all([self.owner, self.words, *self.unwanted])

    @property
    def filters(self) -> list[str]:
        models = [_model(name) for name in self.wanted.models]
        return models + [_mark(f"has:{thing}") for thing in self.wanted.has]

    @property
    def unwanted(self) -> list[str]:
        return [f"!({query})" for term, query in self.pairs if term.excluded]

    @property
    def literals(self) -> list[str]:
        """Terms whose signs count."""
        return [term.text for term in self.wanted.words if term.literal]

    @property
    def parts(self) -> list[str]:
        """All terms as parts of words; none where that is not meant, or one is too short for it."""
        terms = self.wanted.words
        meant = any(not term.quoted for term in terms)
        if meant and all(_three(term) for term in terms):
            return [term.text for term in terms]
        return []

    @property
    def marks(self) -> re.Pattern[str] | None:
        """What is shown as found."""
        lexemes = [
            lexeme.replace("''", "'")
            for term, query in self.pairs
            for lexeme in LEXEME.findall(query)
            if not term.excluded
        ]
        parts = [folded(term.text) for term in self.wanted.words if _stands_alone(term.text)]
        return pattern(tuple(lexemes), tuple(parts))


def sought(user: User, wanted: Wanted) -> Sought:
    """One question to Postgres, which alone knows stems."""
    owner = _mark(f"o:{user.pk.hex}")
    if not wanted.terms:
        return Sought(wanted, owner)
    with connection.cursor() as cursor:
        asked = [(term.text, term.open, _three(term)) for term in wanted.terms]
        cursor.execute(QUERIES, [list(column) for column in zip(*asked, strict=True)])
        rows = list(zip(wanted.terms, cursor.fetchall(), strict=True))
    threes = [count for term, (_query, count) in rows if not term.excluded]
    has_threes = all(count == THREES_OF_THREE for count in threes)
    return Sought(wanted, owner, [query for _term, (query, _count) in rows], has_threes)


def _three(term: Term) -> str:
    """Letters of it in a row; empty where there are fewer."""
    found = THREE.search(folded(term.text))
    return found.group() if found else ""


def _all(queries: Iterable[str]) -> str:
    return " & ".join(f"({query})" for query in queries if query)


def _mark(mark: str) -> str:
    return f"'{mark}'"


def _model(name: str) -> str:
    """Each part of its name, so that `4o` and `gpt-4` find gpt-4o."""
    return _all(_mark(f"m:{part}") for part in re.findall("[a-z]+|[0-9]+", name))


def _rough(term: Term, query: str) -> str:
    near = NEXT_TO.sub("&", query)
    short = term.open and len(re.split(r"\W", term.text)[-1]) < BEGINNING_LETTERS
    return near.replace(":*", "") if short else near


def _stands_alone(text: str) -> bool:
    """Marked wherever it stands; an `a` would be everywhere."""
    return len(text) >= PART_LETTERS or not text.isascii()
