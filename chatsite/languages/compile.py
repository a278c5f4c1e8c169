"""`python -m chatsite.languages.compile`: of each `.po` the `.mo` that gettext reads.

gettext itself is not on every machine, and the libraries that know its files are either large or
no longer looked after; the form has not changed in thirty years:
https://www.gnu.org/software/gettext/manual/html_node/MO-Files.html
"""

import os
import struct
from itertools import accumulate

from chatsite.languages.catalogue import LOCALE, Entry, entries, is_ready

MAGIC = 0x950412DE
HEAD = struct.Struct("<7I")


def main() -> None:
    for source in sorted(LOCALE.glob("*/LC_MESSAGES/django.po")):
        draft = source.with_suffix(f".{os.getpid()}")
        draft.write_bytes(compiled(entries(source)))
        draft.replace(source.with_suffix(".mo"))  # whoever reads it now reads it whole


def compiled(found: list[Entry]) -> bytes:
    """What is fuzzy or not translated is left out: it is said in English then."""
    pairs = sorted(_pair(entry) for entry in found if is_ready(entry))
    keys, values = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
    tables = HEAD.size + 16 * len(pairs)
    first, second = HEAD.size, HEAD.size + 8 * len(pairs)
    head = HEAD.pack(MAGIC, 0, len(pairs), first, second, 0, tables)
    texts = [text + b"\0" for text in (*keys, *values)]
    places = accumulate((len(text) for text in texts), initial=tables)
    table = [struct.pack("<2I", len(text) - 1, at) for text, at in zip(texts, places, strict=False)]
    return b"".join([head, *table, *texts])


def _pair(entry: Entry) -> tuple[bytes, bytes]:
    key = entry.english if entry.plural is None else f"{entry.english}\0{entry.plural}"
    key = key if entry.context is None else f"{entry.context}\4{key}"
    return key.encode(), "\0".join(entry.said[n] for n in sorted(entry.said)).encode()


if __name__ == "__main__":
    main()
