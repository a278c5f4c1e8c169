"""What is said in English is said in every other language, with the same blanks; and nothing is said
past gettext where a look at the code can tell."""

import gettext
import re
from html import unescape
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from chatsite.languages import gather
from chatsite.languages.catalogue import LOCALE, Entry, entries, is_ready
from chatsite.languages.compile import compiled

CATALOGUES = sorted(LOCALE.glob("*/LC_MESSAGES/*.po"))
BLANK = re.compile(r"%\(\w+\)[sd]|(?<!\{)\{\w*\}(?!\})")
ROOT = LOCALE.parent
# Text between tags; what stands in code samples or is a sign or a name is the same in all languages.
BARE = re.compile(r">\s*([^<>{}%]*[A-Za-z]{3,}[^<>{}%]*?)\s*<")
TAGS = re.compile(
    r"{%\s*(comment).*?endcomment\s*%}|{#.*?#}|<(script|style|kbd|code).*?</\2>", re.DOTALL
)
TRANSLATED = re.compile(r"{%\s*blocktranslate.*?endblocktranslate\s*%}", re.DOTALL)
# A name that the API has too, ours, and an empty page that only scripts of ours see.
NAMES = {"top_p", "presence_penalty", "frequency_penalty", "Chatsite", "Diagram"}


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.name)
def test_every_sentence_is_translated_with_its_blanks(path: Path) -> None:
    found = [entry for entry in entries(path) if entry.english]
    assert len(found) > 50
    assert not [entry.english for entry in found if not is_ready(entry)]
    assert not [entry.english for entry in found if not _has_the_same_blanks(entry)]


def _has_the_same_blanks(entry: Entry) -> bool:
    """One of a thing may be said without its number."""
    english = sorted(BLANK.findall(entry.plural or entry.english))
    last = sorted(BLANK.findall(entry.said[max(entry.said)]))
    return english == last and all(
        set(BLANK.findall(said)) <= set(english) for said in entry.said.values()
    )


@pytest.mark.parametrize("domain", list(gather.DOMAINS))
def test_the_catalogues_hold_what_the_code_says(domain: str) -> None:
    said = {_key(message.id) for message in gather.said_in(domain) if message.id}
    for path in LOCALE.glob(f"*/LC_MESSAGES/{domain}.po"):
        known = {entry.english for entry in entries(path) if entry.english}
        assert known == said, "run `make words`, and translate what it added"


def _key(id: str | tuple[str, ...] | list[str]) -> str:
    return id if isinstance(id, str) else id[0]


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.name)
def test_gettext_reads_what_we_compile_as_it_reads_babels(path: Path) -> None:
    with path.open("rb") as file:
        catalogue: Catalog = read_po(file)
    theirs = BytesIO()
    write_mo(theirs, catalogue)
    assert len(_read(compiled(entries(path)))) > 50
    assert _read(compiled(entries(path))) == _read(theirs.getvalue())


def _read(mo: bytes) -> dict[Any, str]:
    """All that gettext knows then; its plurals by (sentence, number of the form)."""
    known: dict[Any, str] = vars(gettext.GNUTranslations(BytesIO(mo)))["_catalog"]
    return {key: said for key, said in known.items() if key}


def test_no_template_says_anything_past_gettext() -> None:
    bare = {
        str(path.relative_to(ROOT)): words
        for path in sorted((ROOT / "templates").rglob("*.html"))
        if (words := set(BARE.findall(unescape(_without_tags(path.read_text())))) - NAMES)
    }
    assert not bare


def _without_tags(text: str) -> str:
    return TRANSLATED.sub("", TAGS.sub("", text))


def test_no_script_says_anything_past_gettext() -> None:
    """Sentences of scripts stand in lib/words.js, each in a call."""
    text = (ROOT / "static/js/lib/words.js").read_text()
    sentences = re.findall(
        r'(?<![\w(])"[A-Z][^"]* [^"]*"', re.sub(r"n?gettext\([^()]*\)", "", text)
    )
    assert not sentences
