"""Text files as the model reads them: named, whole, and before the words they came with.

A file stands between two lines of backticks, more of them than there are anywhere inside: nothing that is
written in a file ends it early. What is inside stays as it is, because it may be code.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from conversations.models import TextFile
from conversations.reading.lengths import Said

SHORTEST = 3
FENCES = re.compile("`{3,}")

Texts = Mapping[UUID, str]


def texts_of(told: Iterable[Said]) -> Texts:
    """What is written in the files of these messages; asked of Postgres only if there are any."""
    files = {file.pk for said in told for file in said.files}
    if not files:
        return {}
    return dict(TextFile.objects.filter(pk__in=files).values_list("pk", "text"))


def with_files(said: Said, texts: Texts) -> str:
    """The files of a message, and then its words."""
    if not said.files:
        return said.text
    return before(said.text, [(file.name, texts.get(file.pk, "")) for file in said.files])


def before(words: str, files: Sequence[tuple[str, str]]) -> str:
    parts = [_enclosed(name, text, place, len(files)) for place, (name, text) in enumerate(files)]
    return "\n\n".join([*parts, words] if words.strip() or not parts else parts)


def _enclosed(name: str, text: str, place: int, of: int) -> str:
    number = f" {place + 1} of {of}" if of > 1 else ""
    title = json.dumps(name, ensure_ascii=False)  # a name with a quotation mark stays one name
    return f"Attached file{number}, {title}:\n{fenced(text)}"


def fenced(text: str) -> str:
    """What a person brought and did not say: nothing in it can end it."""
    fence = "`" * (_longest(text) + 1)
    end = "" if text.endswith("\n") else "\n"
    return f"{fence}\n{text}{end}{fence}"


def _longest(text: str) -> int:
    return max((len(run) for run in FENCES.findall(text)), default=SHORTEST - 1)
