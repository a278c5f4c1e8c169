"""Bars over time, placed by the server: templates/parts/plot.html draws them as SVG.

No script and no style is in it: colours come by class (static/css/plot.css), a second series is hatched, so
that nobody has to tell two colours apart. All lengths are in the units of its view box.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import ClassVar

WIDTH, HEIGHT = 360.0, 132.0
# Room for the numbers at the start, and for the days below.
START, BOTTOM, TOP = 40.0, 18.0, 8.0
# Of the room that a bar has.
FILLED = 0.72
# A bar that is not nothing is seen.
LEAST = 1.0

Read = Callable[[float], str]


@dataclass(frozen=True, slots=True)
class Slot:
    """An hour, day or month: the short name below it, what it says when pointed at, and its values, one
    a series. None: there is nothing to know."""

    label: str
    says: str
    values: Sequence[float | None]
    link: str = ""


@dataclass(frozen=True, slots=True)
class Piece:
    series: int
    y: float
    height: float


@dataclass(frozen=True, slots=True)
class Bar:
    x: float
    width: float
    # The room around it, which answers to the pointer.
    from_x: float
    room: float
    says: str
    link: str
    pieces: list[Piece]


@dataclass(frozen=True, slots=True)
class Line:
    y: float
    label: str


@dataclass(frozen=True, slots=True)
class Label:
    x: float
    anchor: str
    text: str


@dataclass(frozen=True, slots=True)
class Plot:
    name: str
    title: str
    description: str
    series: Sequence[str]
    bars: list[Bar] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    labels: list[Label] = field(default_factory=list)

    width: ClassVar = WIDTH
    height: ClassVar = HEIGHT
    start: ClassVar = START
    number_x: ClassVar = START - 6
    foot: ClassVar = HEIGHT - BOTTOM
    label_y: ClassVar = HEIGHT - 4

    @property
    def leads_on(self) -> bool:
        """Its bars are links: then it is no image, of which nothing may be touched."""
        return any(bar.link for bar in self.bars)


def plot(
    name: str, title: str, description: str, slots: Sequence[Slot],
    *, read: Read, series: Sequence[str] = (), stacked: bool = False, whole: bool = False,
) -> Plot:  # fmt: skip
    """`stacked`: the series are parts of a whole; else the first stands before the others, and is smaller.
    `whole`: what is counted has no halves, nor has its scale."""
    most = max((_height(slot.values, stacked=stacked) for slot in slots), default=0.0)
    top = _top(most)
    made = Plot(name, title, description, series)
    made.bars.extend(_bars(slots, top, stacked=stacked))
    levels = (top / 2, top) if most > 0 else ()  # where nothing is, nothing is measured
    seen = (level for level in levels if not whole or level.is_integer())
    made.lines.extend(Line(_y(level, top), read(level)) for level in seen)
    made.labels.extend(_labels(slots))
    return made


def _height(values: Sequence[float | None], *, stacked: bool) -> float:
    known = [value for value in values if value is not None]
    return sum(known) if stacked else max(known, default=0.0)


def _top(most: float) -> float:
    """The next round number: 1, 2 or 5 with noughts."""
    if most <= 0:
        return 1.0
    unit = 10.0 ** math.floor(math.log10(most))
    return next(step * unit for step in (1, 2, 5, 10) if step * unit >= most * 0.999)


def _y(value: float, top: float) -> float:
    return round(HEIGHT - BOTTOM - value / top * (HEIGHT - BOTTOM - TOP), 2)


def _bars(slots: Sequence[Slot], top: float, *, stacked: bool) -> list[Bar]:
    room = (WIDTH - START) / max(len(slots), 1)
    made = []
    for place, slot in enumerate(slots):
        begin = START + place * room
        pieces = _pieces(slot.values, top, stacked=stacked)
        x, width = round(begin + room * (1 - FILLED) / 2, 2), round(room * FILLED, 2)
        made.append(Bar(x, width, round(begin, 2), round(room, 2), slot.says, slot.link, pieces))
    return made


def _pieces(values: Sequence[float | None], top: float, *, stacked: bool) -> list[Piece]:
    below, made = 0.0, []
    for series, value in enumerate(values, 1):
        if not value or value < 0:
            continue
        height = max(_y(0, top) - _y(value, top), LEAST)
        made.append(Piece(series, round(_y(below, top) - height, 2), round(height, 2)))
        below += value if stacked else 0.0
    return made if stacked else made[::-1]


def _labels(slots: Sequence[Slot]) -> list[Label]:
    """The first, the last, and one between where there is room."""
    if not slots:
        return []
    room, last = (WIDTH - START) / len(slots), len(slots) - 1
    places = sorted({0, last // 2 if last > 3 else 0, last})
    anchors = {0: "start", last: "end"} if last else {0: "start"}
    ends = {0: START, last: WIDTH} if last else {0: START}
    return [
        Label(
            round(ends.get(place, START + (place + 0.5) * room), 2),
            anchors.get(place, "middle"),
            slots[place].label,
        )
        for place in places
    ]
