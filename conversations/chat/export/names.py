"""Names of files that are good on every system, whatever somebody called their conversation."""

import re
import unicodedata

# What Windows refuses, what leads elsewhere, what cannot be seen or turns the direction of writing.
UNFIT = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]+')
# With the date before it and the ending behind it well under the 255 bytes that a name may have.
LONGEST_BYTES = 160
UNTITLED = "conversation"


def fit(title: str) -> str:
    """`title` as a part of a file's name: never empty, never `..`, never too long."""
    name = UNFIT.sub(" ", unicodedata.normalize("NFC", title))
    name = _shortened(" ".join(name.split())).strip(" .")
    return name or UNTITLED


def _shortened(name: str) -> str:
    return name.encode("utf-8", "replace")[:LONGEST_BYTES].decode("utf-8", "ignore")


class Names:
    """Names that are each given once, also where upper and lower case are one."""

    def __init__(self) -> None:
        self._given: dict[str, int] = {}

    def once(self, name: str) -> str:
        key = name.casefold()
        count = self._given[key] = self._given.get(key, 0) + 1
        # "a (2)" may also be somebody's title.
        return name if count == 1 else self.once(f"{name} ({count})")
