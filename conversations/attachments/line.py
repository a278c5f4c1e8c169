"""A few places that many people want: who has fewest goes first, and of those whose last turn is longest ago.

Somebody who sends forty pictures at once would be served before all who come after, for half a minute; so
they wait behind themselves.
"""

import threading
from collections import Counter
from collections.abc import Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count


class Full(Exception):
    """No place came free in time."""


@dataclass(eq=False, slots=True)
class Waiting:
    who: Hashable
    called: threading.Event = field(default_factory=threading.Event)


class Line:
    """In this process. Of `places` one person has at most `of_one`."""

    def __init__(self, places: int, *, of_one: int | None = None) -> None:
        self._places, self._of_one = places, of_one or places
        self._held: Counter[Hashable] = Counter()
        self._waiting: list[Waiting] = []
        self._turns, self._last_turn = count(1), dict[Hashable, int]()
        self._door = threading.Lock()

    @contextmanager
    def place(self, who: Hashable, *, seconds: float | None = None) -> Iterator[None]:
        """Raises Full after so many `seconds`."""
        self._wait(Waiting(who), seconds)
        try:
            yield
        finally:
            with self._door:
                self._leave(who)

    def _wait(self, mine: Waiting, seconds: float | None) -> None:
        with self._door:
            self._waiting.append(mine)
            self._call()
        if mine.called.wait(seconds):
            return
        with self._door:
            if not mine.called.is_set():  # else it was called at the last moment
                self._waiting.remove(mine)
                raise Full

    def _leave(self, who: Hashable) -> None:
        self._held[who] -= 1
        self._call()
        here = {*(one.who for one in self._waiting), *+self._held}
        self._held = +self._held
        self._last_turn = {one: turn for one, turn in self._last_turn.items() if one in here}

    def _call(self) -> None:
        while (first := self._next()) is not None:
            self._waiting.remove(first)
            self._held[first.who] += 1
            self._last_turn[first.who] = next(self._turns)
            first.called.set()

    def _next(self) -> Waiting | None:
        if self._held.total() >= self._places:
            return None
        may = (one for one in self._waiting if self._held[one.who] < self._of_one)
        return min(may, key=self._comes_after, default=None)

    def _comes_after(self, one: Waiting) -> tuple[int, int]:
        return self._held[one.who], self._last_turn.get(one.who, 0)
