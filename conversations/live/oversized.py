"""The `id` of a frame that is too long to be read.

Whoever sent it waits for an answer of that `id`; but to read all of a frame in order to refuse it would
cost time and memory that others need. What is long is nearly always a text: the `id` stands near the
frame's beginning or near its end, among values that are plain.
"""

import re

NEAR = 2048

# Lists and objects of plain values too, such as those of `images` and `options`. What was taken is never
# given back (`++`): nobody can write a frame that is looked at for long.
_VALUE = r"(?:[\w.+-]++|\"[^\"\\]*+\"|\[[^][{}\\]*+\]|\{[^][{}\\]*+\})"
_MEMBER = rf"\s*+\"\w++\"\s*+:\s*+{_VALUE}\s*+"
_ID = r"\"id\"\s*+:\s*+\"([^\"\\]*+)\"\s*+"
_TO_THE_ID = re.compile(rf"\s*+\{{(?:(?!\s*+\"id\"){_MEMBER},)*+\s*+{_ID},")
_TO_THE_END = re.compile(rf"{_ID}(?:,{_MEMBER})*+\}}\s*+\Z")


def id_in(text: str) -> str | None:
    end = text[-NEAR:]
    # Within a text a quotation mark has a backslash before it: what is found is no part of one.
    found = _TO_THE_ID.match(text[:NEAR]) or _TO_THE_END.match(end, max(0, end.rfind('"id"')))
    return found[1] if found else None
