"""Catalogues as translators write them: the form of gettext's `.po`, as `gather.py` lays it down."""

import ast
import re
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

LOCALE = Path(__file__).resolve().parent.parent.parent / "locale"

LINE = re.compile(r'(?:(msgctxt|msgid|msgid_plural|msgstr)(?:\[(\d)\])? )?(".*")$')


@dataclass
class Entry:
    """A sentence and what it is called in the other language: one form, or one for each plural."""

    english: str = ""
    plural: str | None = None
    context: str | None = None
    said: dict[int, str] = field(default_factory=dict)
    is_fuzzy: bool = False

    def take(self, word: str, number: int, text: str) -> None:
        """A line of it: `text` begins what `word` says, or goes on with it."""
        if word == "msgstr":
            self.said[number] = self.said.get(number, "") + text
        elif word == "msgid_plural":
            self.plural = (self.plural or "") + text
        elif word == "msgctxt":
            self.context = (self.context or "") + text
        else:
            self.english += text


def entries(path: Path) -> list[Entry]:
    """All of a file, its head (the empty sentence) first."""
    blocks = re.split(r"\n\s*\n", path.read_text(encoding="utf-8"))
    found = [_entry(block) for block in blocks]
    return [entry for entry in found if entry.said]


def _entry(block: str) -> Entry:
    """What is no longer said anywhere stands behind `#~`, and is nothing here."""
    entry, word, number = Entry(), "", 0
    for line in block.splitlines():
        if line.startswith("#,"):
            entry.is_fuzzy = "fuzzy" in line
        elif match := LINE.match(line):
            word, number = match[1] or word, int(match[2] or 0) if match[1] else number
            entry.take(word, number, ast.literal_eval(match[3]))
    return entry


def is_ready(entry: Entry) -> bool:
    """Translated, and not by guess. What is not is said in English."""
    return all(entry.said.values()) and not entry.is_fuzzy


@cache
def for_scripts(language: str) -> dict[str, str | list[str]]:
    """{English: the translation, or the forms of its plural}, for what the page's scripts say."""
    path = LOCALE / language / "LC_MESSAGES" / "djangojs.po"
    found = [entry for entry in (entries(path) if path.exists() else []) if entry.english]
    return {entry.english: _forms(entry) for entry in found if is_ready(entry)}


def _forms(entry: Entry) -> str | list[str]:
    forms = [entry.said[number] for number in sorted(entry.said)]
    return forms[0] if entry.plural is None else forms
