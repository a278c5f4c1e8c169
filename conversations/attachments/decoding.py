"""Whether a file is text, told by what is in it and not by its name, and which text that is."""

import codecs
import re
import unicodedata

from django.utils.translation import gettext_lazy as _

from conversations.errors import Invalid
from conversations.models.files import NAME_CHARACTERS

EMPTY = _("The file is empty.")
NOT_TEXT = _("This is not a text file. Text, code, CSV and Markdown can be added.")
IS_PDF = _(
    "PDF files cannot be read here yet. Copy the text out of it, or add a picture of the page."
)
UNCLEAR = _("It is not clear how this text is encoded. Save it as UTF-8 and add it again.")
SOME_NAME = "Text.txt"

# Longer marks first: the mark of UTF-32 begins with that of UTF-16.
MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# White space, backspace, and the escape that colours a log; no text has the others.
NO_TEXT_HAS = re.compile("[\x00-\x07\x0e-\x1a\x1c-\x1f]")
HIGH = re.compile(rb"[\x80-\xff]")
# Accents are few in languages of Western Europe. More than this is another alphabet in an older
# encoding, which would arrive as nonsense.
MOST_ACCENTS = 0.5


def text_of(content: bytes) -> str:
    """The text of a file without a byte order mark, its line ends as they are. Raises Invalid."""
    text = _decoded(content)
    if not text:
        raise Invalid(EMPTY)
    if content.startswith(b"%PDF-"):
        raise Invalid(IS_PDF)
    if NO_TEXT_HAS.search(text):
        raise Invalid(NOT_TEXT)
    return text


def _decoded(content: bytes) -> str:
    for mark, encoding in MARKS:
        if content.startswith(mark):
            return _strictly(content[len(mark) :], encoding)
    try:
        return content.decode()
    except UnicodeDecodeError:
        return _of_western_europe(content)


def _strictly(content: bytes, encoding: str) -> str:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError:
        raise Invalid(UNCLEAR) from None


def _of_western_europe(content: bytes) -> str:
    """Windows-1252, which is Latin-1 with quotation marks and a euro: the one guess that is made."""
    if NO_TEXT_HAS.search(content.decode("latin-1")):
        raise Invalid(IS_PDF if content.startswith(b"%PDF-") else NOT_TEXT)
    if len(HIGH.findall(content)) > MOST_ACCENTS * len(content):
        raise Invalid(UNCLEAR)
    return _strictly(content, "cp1252")


def name_of(given: str | None) -> str:
    """A stranger's name for a file: one line without a path, with nothing that turns or hides letters."""
    last = re.split(r"[/\\]", given or "")[-1]
    shown = "".join(
        " " if character.isspace() else character
        for character in unicodedata.normalize("NFC", last)
        if character.isspace() or unicodedata.category(character)[0] != "C"
    )
    name = " ".join(shown.split())
    return _shortened(name) if name.strip(". ") else SOME_NAME


def _shortened(name: str) -> str:
    """At most so many characters, its ending kept: that says what it is."""
    if len(name) <= NAME_CHARACTERS:
        return name
    stem, dot, ending = name.rpartition(".")
    if not dot or len(ending) > 20:
        return name[: NAME_CHARACTERS - 1] + "…"
    return f"{stem[: NAME_CHARACTERS - len(ending) - 2]}….{ending}"
