"""What models say when they are asked for a title, and the title that is in it."""

import re
import unicodedata

import orjson

from conversations.text import SPACE, clean, first_words

TITLE_CHARACTERS = 80
OBJECT = re.compile(r"\{.*\}", re.DOTALL)
FENCE = re.compile(r"\A\s*```\w*|```\s*\Z")
LABEL = re.compile(
    r"\A[\W_]*(?:title|titel|titre|título|titolo|标题|タイトル)\W{0,3}\s*[:：]\s*", re.IGNORECASE
)
MARKUP = re.compile(r"\A(?:#{1,6}|[-*+>•])\s+|(?<!\w)[*`~]{1,3}(?=\S)|(?<=\S)[*`~]{1,3}(?!\w)")
FULL_STOP = re.compile(r"(?<![.。])[.。]\Z")
PAIRS = (
    '""',
    "''",
    "“”",
    "„“",
    "„”",
    "‘’",
    "‚‘",
    "«»",
    "»«",
    "‹›",
    "「」",
    "『』",
    "()",
    "[]",
    "__",
)
# Joiners of letters and of emoji; everything else of their kind is invisible or turns the line around.
JOINERS = "\u200c\u200d"


def title_in(said: str) -> str:
    """The title in what a model said; empty where there is none."""
    return cleaned(_of_json(said))


def _of_json(said: str) -> str:
    """The field `title`; without an object, the words themselves. Half an object is no title."""
    found = OBJECT.search(said)
    try:
        fields = orjson.loads(found.group()) if found else None
    except orjson.JSONDecodeError:
        fields = None
    if isinstance(fields, dict):
        title = fields.get("title")
        return title if isinstance(title, str) else ""
    words = FENCE.sub("", said)
    return "" if words.lstrip().startswith("{") else words


def cleaned(words: str) -> str:
    """One line without label, quotation marks, markup, invisible characters and a last full stop."""
    lines = [_visible(line) for line in clean(words).splitlines()]
    line = next((line for line in lines if line), "")
    before = None
    while line != before:  # what is peeled off lies in any order
        before = line
        bare = MARKUP.sub("", LABEL.sub("", line, count=1))
        line = _unquoted(FULL_STOP.sub("", bare)).strip()
    return first_words(line, TITLE_CHARACTERS) if _says_something(line) else ""


def _visible(line: str) -> str:
    kept = (
        c for c in line if c in JOINERS or unicodedata.category(c) not in ("Cc", "Cf") or c == "\t"
    )
    return SPACE.sub(" ", "".join(kept)).strip()


def _unquoted(line: str) -> str:
    inside = line[1:-1]
    is_pair = len(line) > 1 and line[0] + line[-1] in PAIRS
    return inside if is_pair and not {line[0], line[-1]} & set(inside) else line


def _says_something(line: str) -> bool:
    """Letters, digits or signs such as emoji; not punctuation alone."""
    return any(unicodedata.category(c)[0] in "LNS" for c in line)
