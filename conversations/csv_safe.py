"""Tables for spreadsheets, in which nothing that a person wrote becomes a formula.

A name such as `=HYPERLINK(…)` would be reckoned by Excel, LibreOffice and Google Sheets when somebody opens
the file, with that somebody's rights (https://owasp.org/www-community/attacks/CSV_Injection).
"""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any

# What a formula begins with; tabs and breaks are skipped before it, and full-width signs are read as these.
BEGINS = tuple("=+-@\t\r\n|%\uff1d\uff0b\uff0d\uff20")


def cell(value: Any) -> Any:
    """Words that would be a formula get an apostrophe before them, which shows them as they are."""
    if isinstance(value, str) and value.lstrip(" ").startswith(BEGINS):
        return f"'{value}"
    return value


def table(head: Sequence[Any], rows: Iterable[Sequence[Any]]) -> bytes:
    """With the mark by which Excel knows UTF-8."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    for row in (head, *rows):
        writer.writerow([cell(value) for value in row])
    return text.getvalue().encode("utf-8-sig", "replace")
