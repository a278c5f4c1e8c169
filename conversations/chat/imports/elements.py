"""The objects of a JSON array, one after the other, however long the array is.

Only quotes, brackets and backslashes are looked at here; what stands between them is for a parser
that gets one object at a time.
"""

import re
from collections.abc import Iterator
from typing import IO

from django.utils.translation import gettext_lazy as _

from conversations.errors import Invalid, TooLarge

PIECE_BYTES = 256 * 1024
# Of one conversation. The longest of a real export have some ten megabytes.
ELEMENT_BYTES = 32 * 1024 * 1024
# Brackets and texts cost a step each, and are objects of Python when they are parsed: 32 MB of `{},` would
# be a gigabyte. A message has some eighty, so these are the longest talk there is, and all of somebody's.
ELEMENT_SIGNS, FILE_SIGNS = 3_000_000, 200_000_000
NOT_JSON = _("This is not a list of conversations in JSON.")
TOO_MUCH = _("There is more in this file than an export can have.")

STRUCTURE = re.compile(rb'["{}\[\]]')
# Possessive: nothing is tried twice, and no place to go back to is kept.
IN_TEXT = re.compile(rb'(?:[^"\\]++|\\.)*+', re.DOTALL)
OPENING, CLOSING, TEXT, ESCAPE = b"{[", b"}]", ord('"'), ord("\\")


class Elements:
    """Iterates the objects as bytes; one that is too large is None. `is_cut`: the end was missing.
    `came`: how many bytes there were up to the end of the last one. `signs`: how many brackets and texts,
    with those of the parts before."""

    def __init__(self, file: IO[bytes], most: int = ELEMENT_BYTES, *, signs: int = 0) -> None:
        self._file, self._most = file, most
        self.signs = self._signs_before = signs
        self._depth = 0
        self._stands_at: int | None = None  # the depth at which objects stand: alone, or in a list
        self._in_text = self._escaped = self._in_element = self._too_large = False
        self._kept = bytearray()
        self.came = self._before = 0

    @property
    def is_cut(self) -> bool:
        return self._in_text or self._depth != 0

    def __iter__(self) -> Iterator[bytes | None]:
        """Raises Invalid when this is no JSON with objects at all, TooLarge when it has too much in it."""
        while piece := self._file.read(PIECE_BYTES):
            yield from self._read(piece)
            if self.signs > FILE_SIGNS:
                raise TooLarge(str(TOO_MUCH))
        if self._stands_at is None:
            raise Invalid(str(NOT_JSON))

    def _read(self, piece: bytes) -> Iterator[bytes | None]:
        at = begun = 0
        while (place := self._next(piece, at)) is not None:
            at = place + 1
            sign = piece[place]
            if sign in OPENING and self._opens(sign):
                begun = place
            elif sign in CLOSING and self._closes():
                self._keep(piece[begun:at])
                self.came = self._before + at
                yield self._taken()
        if self._in_element:
            self._keep(piece[begun:])
        self._before += len(piece)

    def _next(self, piece: bytes, at: int) -> int | None:
        """Where the next bracket stands that is not in a text."""
        while at < len(piece):
            if self._in_text:
                at = self._after_text(piece, at)
                continue
            found = STRUCTURE.search(piece, at)
            if found is None:
                return None
            at = found.end()
            self.signs += 1
            if piece[found.start()] != TEXT:
                return found.start()
            self._in_text = True
        return None

    def _after_text(self, piece: bytes, at: int) -> int:
        """Behind the text, or behind what there is of it: a piece may end between a backslash and what
        it escapes."""
        at += self._escaped
        self._escaped = False
        found = IN_TEXT.match(piece, at)
        end = found.end() if found else at
        if end < len(piece):
            self._in_text, self._escaped = piece[end] != TEXT, piece[end] == ESCAPE
        return end + 1

    def _opens(self, sign: int) -> bool:
        """Whether an object of the list begins here."""
        if self._stands_at is None:
            self._stands_at = 0 if sign == OPENING[0] else 1
        begins = self._depth == self._stands_at and sign == OPENING[0]
        if begins:
            self._in_element, self._signs_before = True, self.signs
        self._depth += 1
        return begins

    def _closes(self) -> bool:
        """Whether an object of the list ends here. Raises Invalid where nothing was open."""
        if not self._depth:
            raise Invalid(str(NOT_JSON))
        self._depth -= 1
        return self._in_element and self._depth == self._stands_at

    def _keep(self, part: bytes) -> None:
        too_much = self.signs - self._signs_before > ELEMENT_SIGNS
        self._too_large |= too_much or len(self._kept) + len(part) > self._most
        if self._too_large:
            self._kept.clear()
        else:
            self._kept += part

    def _taken(self) -> bytes | None:
        element = None if self._too_large else bytes(self._kept)
        self._kept.clear()
        self._in_element = self._too_large = False
        return element
