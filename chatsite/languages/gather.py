"""`make words`: all that the site says, from the code into the catalogues, for the translators.

Needs Babel, which developers have. What nobody says any more goes; what is new or has changed is
counted at the end, and `tests/pure/test_languages.py` does not pass before it is translated.
"""

import ast
import os
import re
import sys
from collections.abc import Iterator
from typing import IO, Any

import django
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po
from django.apps import apps
from django.utils.translation.template import templatize

from chatsite.languages.catalogue import LOCALE

ROOT = LOCALE.parent
LANGUAGES = [path.name for path in sorted(LOCALE.iterdir())]
CODE = [
    ("chatsite/**.py", "python"),
    ("conversations/**.py", "python"),
    ("templates/**.html", "chatsite.languages.gather:from_template"),
    ("templates/**.txt", "chatsite.languages.gather:from_template"),
]
SCRIPTS = [("static/js/**.js", "javascript")]
# Django's names for them: the page asks for a catalogue of its own.
DOMAINS = {"django": CODE, "djangojs": SCRIPTS}
KEYWORDS: dict[str, Any] = {
    **dict.fromkeys(("_", "gettext", "gettext_lazy", "gettext_noop", "marked")),
    **dict.fromkeys(("ngettext", "ngettext_lazy", "ngettext_noop"), (1, 2)),
    **dict.fromkeys(("pgettext", "pgettext_lazy"), ((1, "c"), 2)),
}
CALL = re.compile(
    r"\b(n?gettext|p?gettext|_)\(((?:u?(?:'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"),?\s*)+)"
)


def main() -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatsite.settings")
    django.setup()
    missing = [gathered(language, domain) for language in LANGUAGES for domain in DOMAINS]
    print(f"{sum(missing)} sentences wait for a translation.")
    return 0


def gathered(language: str, domain: str) -> int:
    """Bring one catalogue up to date; how many sentences of it are to be translated."""
    path = LOCALE / language / "LC_MESSAGES" / f"{domain}.po"
    catalogue = Catalog(locale=language)
    if path.exists():
        with path.open("rb") as file:
            catalogue = read_po(file, locale=language)
    catalogue.update(said_in(domain), no_fuzzy_matching=True)
    catalogue.obsolete.clear()
    with path.open("wb") as file:
        write_po(
            file, catalogue, width=100, include_lineno=False, sort_by_file=True, omit_header=True
        )
    with path.open("rb+") as file:
        rest = file.read()
        file.seek(0)
        file.write(HEAD.format(forms=catalogue.plural_forms).encode() + rest)
    return sum(1 for message in catalogue if message.id and not all(_forms(message.string)))


# No dates and names: two who add a sentence each would quarrel about them.
HEAD = """msgid ""
msgstr ""
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: {forms}\\n"

"""


def said_in(domain: str) -> Catalog:
    """Every sentence of a domain, as a template without translations."""
    template = Catalog()
    found = extract_from_dir(ROOT, DOMAINS[domain], keywords=KEYWORDS)
    for name, _line, message, _comments, context in found:
        template.add(message, locations=[(name, 1)], context=context)
    for name in sorted(names_of_tables()) if domain == "django" else ():
        template.add(name, locations=[("conversations/models", 1)])
    return template


def from_template(
    file: IO[bytes], _keywords: Any, _tags: Any, options: Any
) -> Iterator[tuple[int, str, Any, list[str]]]:
    """Babel's way of asking: what Django's own reader of templates finds, as calls of gettext."""
    calls = templatize(file.read().decode())
    for match in CALL.finditer(calls):
        words = ast.literal_eval(f"({match[2].rstrip().rstrip(',')},)")
        yield 1, match[1], words if len(words) > 1 else words[0], []


def names_of_tables() -> set[str]:
    """Tables and columns: Django makes their names from the code, and the admin shows them."""
    from conversations.apps import named

    return {
        str(name)
        for model in apps.get_app_config("conversations").get_models()
        for name in named(model)
    }


def _forms(string: Any) -> tuple[str, ...]:
    return (string,) if isinstance(string, str) else tuple(string or ("",))


if __name__ == "__main__":
    sys.exit(main())
