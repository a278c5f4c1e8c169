"""What somebody typed into the search, understood. Nothing that can be typed is an error."""

import re
import unicodedata
from dataclasses import dataclass, field
from datetime import datetime

from django.utils import timezone

TERMS = 24  # what comes after is not looked for
TERM_CHARACTERS = 200
HAS = ("image", "file", "code", "link")
PLACES = ("title", "archive")

# An excluded part begins with a minus; a phrase without its second quote goes to the end of the line.
PART = re.compile(
    r"""(?P<minus>-?)
    (?:(?P<name>before|after|model|has|in):)?
    (?:"(?P<phrase>[^"]*)"?|(?P<word>[^\s"]*))""",
    re.VERBOSE | re.IGNORECASE,
)
QUOTES = str.maketrans(dict.fromkeys("“”„‟«»「」『』", '"'))
DAY = re.compile(r"(\d{4})(?:-(\d{1,2}))?(?:-(\d{1,2}))?\Z")
# At the edge of a word these belong to the sentence.
PUNCTUATION = ".,;:!?()[]{}'…"


@dataclass(frozen=True, slots=True)
class Term:
    """A word, or several in a row."""

    text: str
    quoted: bool = False
    excluded: bool = False
    # It is being typed: it may be the beginning of a word.
    open: bool = False

    @property
    def literal(self) -> bool:
        """Its signs count as well: `C++` is not C, and what is quoted is meant."""
        signs = self.text if self.quoted else self.text[:1] + self.text[-1:]
        return not all(sign.isspace() or _is_of_words(sign) for sign in signs)


@dataclass(slots=True)
class Wanted:
    terms: list[Term] = field(default_factory=list)
    models: list[str] = field(default_factory=list)
    has: list[str] = field(default_factory=list)
    place: str = ""
    # Names of folders, or beginnings of them, and the filters as they were typed.
    folders: list[tuple[str, str]] = field(default_factory=list)
    before: datetime | None = None
    after: datetime | None = None
    # Filters that say nothing (yet), as they were typed.
    ignored: list[str] = field(default_factory=list)

    @property
    def words(self) -> list[Term]:
        return [term for term in self.terms if not term.excluded]

    @property
    def of_messages(self) -> bool:
        """It asks for what a message has and a title has not."""
        return bool(self.models or self.has)

    @property
    def anything(self) -> bool:
        return bool(self.words or self.of_messages or self.before or self.after or self.folders)


def _is_of_words(sign: str) -> bool:
    return unicodedata.category(sign)[0] in "LNM"


def understood(typed: str) -> Wanted:
    wanted = Wanted()
    typed = typed.translate(QUOTES)
    for part in PART.finditer(typed):
        if part["name"]:
            _filter(wanted, part)
        elif len(wanted.terms) < TERMS:
            _add(wanted, part, being_typed=part.end() == len(typed))
    return wanted


def _add(wanted: Wanted, part: re.Match[str], *, being_typed: bool) -> None:
    phrase, word = part["phrase"], part["word"] or ""
    text = (word.strip(PUNCTUATION) if phrase is None else phrase.strip())[:TERM_CHARACTERS]
    if not text.strip("-"):
        return
    is_open = being_typed and phrase is None and _is_of_words(word[-1])
    wanted.terms.append(Term(text, phrase is not None, bool(part["minus"]), is_open))


def _filter(wanted: Wanted, part: re.Match[str]) -> None:
    name, value = part["name"].lower(), (part["phrase"] or part["word"] or "").lower()
    moment = _moment(value) if name in ("before", "after") else None
    if moment:
        setattr(wanted, name, moment)
    elif name == "model" and re.search("[a-z0-9]", value):
        wanted.models.append(value[:TERM_CHARACTERS])
    elif name == "has" and value.removesuffix("s") in HAS:
        wanted.has.append(value.removesuffix("s"))
    elif name == "in" and value in PLACES:
        wanted.place = value
    elif name == "in" and value.strip():
        wanted.folders.append((value.strip(), part.group().strip()))
    else:
        wanted.ignored.append(part.group().strip())


def _moment(text: str) -> datetime | None:
    """The beginning of a day, a month or a year, where the reader lives."""
    found = DAY.match(text)
    if not found:
        return None
    year, month, day = (int(number or 1) for number in found.groups())
    try:
        return timezone.make_aware(datetime(year, month, day))  # noqa: DTZ001 make_aware gives it
    except (ValueError, OverflowError):
        return None
