"""Tables for spreadsheets, in which nothing that a person wrote becomes a formula.

A name such as `=HYPERLINK(…)` would be reckoned by Excel, LibreOffice and Google Sheets when somebody opens
the file, with that somebody's rights (https://owasp.org/www-community/attacks/CSV_Injection).
"""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from typing import Any

# What a formula begins with; tabs and breaks are skipped before it, and full-width signs are read as these.
BEGINS = tuple("=+-@\t\r\n|%\uff1d\uff0b\uff0d\uff20")
# What some programs skip before they look: blanks, and marks that they take for their own.
SKIPPED = " \xa0\ufeff\"'"
# Where a spreadsheet of another country, or one that loses count of quotes, begins a cell of its own.
CELLS = re.compile("([;\t\r\n])(?=[ \xa0\"']*[=+\\-@|%\uff1d\uff0b\uff0d\uff20])")
# What was taken back on the ledger is less than nothing, and reckons nothing.
NUMBER = re.compile(r"-\d+(?:\.\d+)?")
# By which Excel knows UTF-8; it goes before the first line and nowhere else.
MARK = b"\xef\xbb\xbf"


def cell(value: Any) -> Any:
    """Words that would be a formula get an apostrophe before them, which shows them as they are."""
    if not isinstance(value, str) or NUMBER.fullmatch(value):
        return value
    words = CELLS.sub(r"\1'", value.replace("\0", "\ufffd"))
    return f"'{words}" if words.lstrip(SKIPPED).startswith(BEGINS) else words


def lines(rows: Iterable[Sequence[Any]]) -> bytes:
    """As RFC 4180 has them; half a character becomes a question mark."""
    text = io.StringIO(newline="")
    csv.writer(text).writerows([cell(value) for value in row] for row in rows)
    return text.getvalue().encode("utf-8", "replace")


def table(head: Sequence[Any], rows: Iterable[Sequence[Any]]) -> bytes:
    return MARK + lines([head, *rows])
