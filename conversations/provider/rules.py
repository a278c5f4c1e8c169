"""The rules of an entry `auto`: between which two models it chooses, and what takes the large one."""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, PositiveInt, StrictBool

from conversations.text import clean

# What is asked for stands at the beginning or not far from it.
LOOKED_AT_CHARACTERS = 20_000
LOOKED_AT_LINES = 500
LINE_CHARACTERS = 200
FENCE = re.compile(r"^\s*(```|~~~)", re.MULTILINE)
# Lines as hardly anything but code has them: two of these are no accident.
CODE_BEGINS = re.compile(
    r"(?:async )?def \w+\(|class \w+[(:{ ]|import [\w.{*]+;?$|from [\w.]+ import |#include\b|#!/|<\?php"
    r"|(?:\w+ )*(?:function|func|fn) ?\w*\(|(?:const|let|var) \w+ ?=|SELECT\b.+\bFROM\b|return\b"
)
CODE_ENDS = ("{", "};", ");", "})", "):")
CODE_LINES = 2
# Scripts that put no space between words begin here (CJK radicals).
UNSPACED = "\u2e80"

Clean = Annotated[str, AfterValidator(clean)]
Id = Annotated[Clean, Field(min_length=1, max_length=100)]
Word = Annotated[Clean, Field(min_length=1, max_length=60, pattern=r"\S")]


@dataclass(frozen=True, slots=True)
class Asked:
    """What is known of a question before any model has read it."""

    text: str
    # With the text files that come with it.
    characters: int = 0
    # Of the conversation before it.
    tokens: int = 0
    pictures: bool = False
    pictures_before: bool = False


class Rules(BaseModel):
    """What is absent takes nothing to the large model."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    small: Id
    large: Id
    characters: PositiveInt | None = None
    tokens: PositiveInt | None = None
    pictures: StrictBool = False
    code: StrictBool = False
    words: Annotated[tuple[Word, ...], Field(max_length=200)] = ()

    def want_large(self, asked: Asked) -> bool:
        text = asked.text[:LOOKED_AT_CHARACTERS]
        return (
            (self.characters is not None and asked.characters > self.characters)
            or (self.tokens is not None and asked.tokens > self.tokens)
            or (self.pictures and asked.pictures)
            or (bool(self.words) and _pattern(self.words).search(text) is not None)
            or (self.code and has_code(text))
        )


def has_code(text: str) -> bool:
    if FENCE.search(text):
        return True
    lines = text.splitlines()[:LOOKED_AT_LINES]
    return sum(map(_is_code, lines)) >= CODE_LINES


def _is_code(line: str) -> bool:
    line = line.strip()[:LINE_CHARACTERS]
    is_assignment = line.endswith(";") and "=" in line
    return is_assignment or line.endswith(CODE_ENDS) or CODE_BEGINS.match(line) is not None


@lru_cache(32)
def _pattern(words: tuple[str, ...]) -> re.Pattern[str]:
    """Whole words, capitals or not: `think` is not in `rethink`. Chinese has no spaces to go by."""
    escaped = [re.escape(word.strip()) for word in words]
    spaced = "|".join(word for word in escaped if word[0] < UNSPACED)
    others = [word for word in escaped if word[0] >= UNSPACED]
    whole = [rf"(?<!\w)(?:{spaced})(?!\w)"] if spaced else []
    return re.compile("|".join([*whole, *others]), re.IGNORECASE)
