"""A file of an archive: its name, its time, and the pieces it is made of."""

import zipfile
from collections.abc import Iterable
from datetime import datetime

# A picture is compressed already.
COMPRESSED, AS_IT_IS = zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED
# A ZIP knows no time before, and no year after 2107.
FIRST, LAST = (1980, 1, 1, 0, 0, 0), (2107, 12, 31, 23, 59, 58)


class File:
    def __init__(
        self, name: str, at: datetime, pieces: Iterable[bytes], kind: int = COMPRESSED
    ) -> None:
        self.pieces = pieces
        moment = min(max(at.timetuple()[:6], FIRST), LAST)
        self.info = zipfile.ZipInfo(name, moment)
        self.info.compress_type = kind
        self.info.external_attr = 0o600 << 16
