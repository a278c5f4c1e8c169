"""HEIC files by hand, box by box, so that they can say what no telephone would.

The one picture in them, 64 × 64 and red, green over blue and white, was encoded with x265. A larger one
is a grid of it, as telephones make theirs.
"""

import struct
from base64 import b64decode
from dataclasses import dataclass, field

CONFIGURATION = b64decode(
    "AQNwAAAAkAAAAAAAHvAA/P34+AAADwNgAAEAGEABDAH//wNwAAADAJAAAAMAAAMAHroCQGEAAQArQgEBA3AAAAMA"
    "kAAAAwAAAwAeoCCBBZbqSSmubgIaDAgAAAMAyAAAAwAIQGIAAQAHRAHBcrAiQA=="
)
PICTURE = b64decode(
    "AAAAPSgBrwngIzaiP//70X3//tzHof61s3SnH+R3v//ScL//vUENE//2tIgP7Xde/+mDaRZ1/PcYGfymWVfn878="
)
# A whole file: 64 × 64 pixels of ten bits, all of red 1023 and blue 512.
TEN_BITS = b64decode(
    "AAAAHGZ0eXBoZWl4AAAAAG1pZjFoZWl4bWlhZgAAAVNtZXRhAAAAAAAAACFoZGxyAAAAAAAAAABwaWN0AAAAAAAA"
    "AAAAAAAAAAAAACJpbG9jAAAAAERAAAEAAQAAAAABdwABAAAAAAAAAB4AAAAjaWluZgAAAAAAAQAAABVpbmZlAgAA"
    "AAABAABodmMxAAAAAA5waXRtAAAAAAABAAAA02lwcnAAAAC0aXBjbwAAAHVodmNDAQQIAAAAnbgAAAAAHvAA/P36"
    "+gAADwNgAAEAF0ABDAH//wQIAAADAJ24AAADAAAeugJAYQABAClCAQEECAAAAwCduAAAAwAAHqAggQTZbqSSmubg"
    "IaDAgAAADIAAAAMAhGIAAQAHRAHBcrAiQAAAABNjb2xybmNseAABAA0ABoAAAAAUaXNwZQAAAAAAAABAAAAAQAAA"
    "ABBwaXhpAAAAAAMKCgoAAAAXaXBtYQAAAAAAAAABAAEEgQIDBAAAACZtZGF0AAAAGigBrwngITl7z//9JV+9+/Xv"
    "If1UaB0HNy/w"
)
SIDE = 64


def box(kind: bytes, *parts: bytes) -> bytes:
    body = b"".join(parts)
    return struct.pack(">I4s", 8 + len(body), kind) + body


def full(kind: bytes, *parts: bytes, version: int = 0, flags: int = 0) -> bytes:
    return box(kind, struct.pack(">I", version << 24 | flags), *parts)


def ispe(width: int, height: int) -> bytes:
    return full(b"ispe", struct.pack(">II", width, height))


@dataclass
class Heic:
    """`columns` and `rows` of the picture in a grid, which has no notes here; 0: the picture alone. What is
    said of it can be a lie."""

    columns: int = 0
    rows: int = 0
    said: tuple[int, int] = (SIDE, SIDE)
    grid: tuple[int, int] | None = None
    turned: int = 0
    profile: bytes = b""
    kind: bytes = b"hvc1"
    notes: bytes = b""
    more: list[bytes] = field(default_factory=list)

    def made(self) -> bytes:
        start = box(b"ftyp", b"heic", bytes(4), b"mif1heic")
        offset = len(start) + len(self._meta(0)) + 8
        return start + self._meta(offset) + box(b"mdat", PICTURE, self._exif)

    @property
    def _tiles(self) -> int:
        return self.columns * self.rows or 1

    @property
    def _exif(self) -> bytes:
        return bytes(4) + self.notes if self.notes else b""

    def _kinds(self) -> list[bytes]:
        notes = [b"Exif"] * bool(self.notes)
        return [self.kind] * self._tiles + [b"grid"] * bool(self.columns) + notes + self.more

    def _meta(self, offset: int) -> bytes:
        handler = full(b"hdlr", bytes(4), b"pict", bytes(13))
        primary = self._tiles + 1 if self.columns else 1
        told = full(b"pitm", struct.pack(">H", primary))
        parts = [handler, told, self._list(), self._places(offset), self._properties()]
        return full(b"meta", *parts, *self._references())

    def _list(self) -> bytes:
        kinds = self._kinds()
        items = [
            full(b"infe", struct.pack(">HH4s", number, 0, kind), b"\0", version=2)
            for number, kind in enumerate(kinds, 1)
        ]
        return full(b"iinf", struct.pack(">H", len(kinds)), *items)

    def _places(self, offset: int) -> bytes:
        places = [(0, offset, len(PICTURE))] * self._tiles
        places += [(1, 0, 12)] * bool(self.columns)
        places += [(0, offset + len(PICTURE), len(self._exif))] * bool(self.notes)
        places += [(0, offset, 4)] * len(self.more)
        entries = [
            struct.pack(">HHHHII", number, method, 0, 1, *extent)
            for number, (method, *extent) in enumerate(places, 1)
        ]
        return full(b"iloc", b"\x44\0", struct.pack(">H", len(entries)), *entries, version=1)

    def _properties(self) -> bytes:
        colours = box(b"colr", b"prof", self.profile) if self.profile else box(b"free")
        turned = box(b"irot", bytes([self.turned]))
        tile = ispe(SIDE, SIDE) if self.columns else ispe(*self.said)
        held = [box(b"hvcC", CONFIGURATION), tile, ispe(*self.said), colours, turned]
        used: list[tuple[int, tuple[int, ...]]] = [
            (number, (0x81, 2)) for number in range(1, self._tiles + 1)
        ]
        if self.columns:
            used.append((self._tiles + 1, (3,)))
        number, properties = used.pop()
        extra = (4, 0x85) if self.profile else (0x85,)
        used.append((number, (*properties, *extra)))
        entries = [struct.pack(">HB", item, len(of)) + bytes(of) for item, of in used]
        ipma = full(b"ipma", struct.pack(">I", len(entries)), *entries)
        return box(b"iprp", box(b"ipco", *held), ipma)

    def _references(self) -> list[bytes]:
        if self.notes:
            number = self._tiles + bool(self.columns) + 1
            return [full(b"iref", box(b"cdsc", struct.pack(">HHH", number, 1, number - 1)))]
        if not self.columns:
            return []
        width, height = self.grid or self.said
        layout = struct.pack(">BBBBII", 0, 1, self.rows - 1, self.columns - 1, width, height)
        tiles = range(1, self._tiles + 1)
        dimg = box(b"dimg", struct.pack(f">HH{len(tiles)}H", len(tiles) + 1, len(tiles), *tiles))
        return [full(b"iref", dimg), box(b"idat", layout)]
